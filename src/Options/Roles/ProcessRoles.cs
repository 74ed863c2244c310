namespace ImagingIngestion.Options;

/// <summary>What a process does; together they are the whole system.</summary>
[Flags]
public enum ProcessRoles
{
    None = 0,

    /// <summary>Hosts the grains: decides, commits, closes revisions.</summary>
    Silo = 1,

    /// <summary>Takes instances in, and deletes, over STOW-RS.</summary>
    Stow = 2,

    /// <summary>Finds and gives instances over QIDO-RS and WADO-RS, and serves the change feed.</summary>
    Wado = 4,

    /// <summary>Takes, finds and gives instances over DIMSE.</summary>
    Dimse = 8,

    /// <summary>Delivers to the declared bindings.</summary>
    Binding = 16,

    /// <summary>All that the gateway executable can host.</summary>
    Gateways = Stow | Wado | Dimse | Binding,

    /// <summary>All in one process.</summary>
    All = Silo | Gateways,
}
