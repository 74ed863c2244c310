namespace ImagingIngestion.Manifest.Background;

/// <summary>Counts consecutive faults of one kind, and tells which of them are logged: the first, and then one of so many.</summary>
/// <remarks>Several threads may use it at the same time.</remarks>
/// <param name="faultsPerLog">How many faults share one line of the log.</param>
public sealed class RepeatedFault(int faultsPerLog)
{
    private int _count;

    /// <summary>How many faults there were since the last success.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts a fault; returns true if it is one to log.</summary>
    /// <param name="count">How many faults there are with this one.</param>
    public bool Add(out int count)
    {
        count = Interlocked.Increment(ref _count);
        return count % faultsPerLog == 1;
    }

    /// <summary>Notes a success: the next fault is a first one again.</summary>
    /// <returns>How many faults there were before.</returns>
    public int Clear() => Count == 0 ? 0 : Interlocked.Exchange(ref _count, 0);
}
