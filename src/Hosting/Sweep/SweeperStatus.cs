namespace ImagingIngestion.Hosting.Sweep;

/// <summary>What the sweeper of this process says of itself to whoever asks after its health.</summary>
public sealed class SweeperStatus
{
    private volatile string? _fault;

    /// <summary>
    /// Why nothing is deleted, until an operator has looked at it; null when nothing is wrong, or another process sweeps.
    /// </summary>
    public string? Fault
    {
        get => _fault;
        internal set => _fault = value;
    }
}
