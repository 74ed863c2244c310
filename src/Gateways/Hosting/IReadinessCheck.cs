namespace ImagingIngestion.Gateways;

/// <summary>One thing that must work before the process may have traffic.</summary>
public interface IReadinessCheck
{
    /// <summary>What is wrong, in a few words; null when nothing is. May throw what the ports throw.</summary>
    Task<string?> FindFaultAsync(CancellationToken cancellationToken);
}
