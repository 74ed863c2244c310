namespace ImagingIngestion.Options;

/// <summary>The two executables.</summary>
public enum ProcessKind
{
    /// <summary>Hosts everything, or the grains alone.</summary>
    Silo,

    /// <summary>Hosts any of the gateways, and calls silos for the grains.</summary>
    Gateway,
}
