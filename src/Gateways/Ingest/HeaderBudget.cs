namespace ImagingIngestion.Gateways;

/// <summary>
/// Bounds what the headers of all uploads of the process hold in memory together. A small header is free. A larger one draws on a common
/// pool as it grows, and when that is used up on a reserve that is enough for any header and serves one upload at a time: so uploads
/// that wait for each other's memory cannot occur.
/// </summary>
public sealed class HeaderBudget(IngestLimits limits) : IDisposable
{
    private readonly SemaphoreSlim _reserve = new(1);
    private long _pool = limits.HeaderPool;

    /// <summary>Bytes of a header that need no cover.</summary>
    internal long FreeBytes => limits.FreeHeaderBytes;

    /// <summary>The share of one upload, to be disposed with it.</summary>
    internal HeaderShare Open() => new(this);

    internal bool TryDraw(long bytes)
    {
        if (Interlocked.Add(ref _pool, -bytes) >= 0)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    internal void Return(long bytes) => Interlocked.Add(ref _pool, bytes);

    internal Task<bool> TryTakeReserveAsync(CancellationToken cancellationToken) => _reserve.WaitAsync(limits.AdmissionWait, cancellationToken);

    internal void ReturnReserve() => _reserve.Release();

    public void Dispose() => _reserve.Dispose();
}
