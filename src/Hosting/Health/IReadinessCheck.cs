namespace ImagingIngestion.Hosting.Health;

/// <summary>One thing that must work before the process may have traffic.</summary>
public interface IReadinessCheck
{
    /// <summary>What does not work where this finds a fault.</summary>
    ReadinessScope Scope => ReadinessScope.All;

    /// <summary>Whether the process must have no traffic where this finds a fault; otherwise the fault is only told.</summary>
    bool IsNeeded => true;

    /// <summary>What is wrong, in a few words; null when nothing is. May throw what the ports throw.</summary>
    Task<string?> FindFaultAsync(CancellationToken cancellationToken);
}
