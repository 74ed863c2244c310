using ImagingIngestion.Grains;

namespace ImagingIngestion.Gateways;

/// <summary>
/// Lets uploads in: a bounded number at all, and of these only as many at once as the upload memory of the process carries. Checked before the body is
/// read: a waiting request holds no memory.
/// </summary>
/// <param name="maxUploads">Uploads that run or wait.</param>
/// <param name="limits">What each of them may hold.</param>
/// <param name="memory">What all of them may hold.</param>
public sealed class UploadAdmission(int maxUploads, IngestLimits limits, UploadMemory memory)
{
    private int _uploads;

    /// <summary>A ticket to dispose after the upload; null when there is no room: try later.</summary>
    public async Task<IDisposable?> TryEnterAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _uploads) > maxUploads)
        {
            Leave();
            return null;
        }

        bool entered = false;
        try
        {
            entered = await memory.TryTakeAsync(limits.HeldBytes, cancellationToken);
            return entered ? new Ticket(this, limits.HeldBytes, isCounted: true) : null;
        }
        finally
        {
            if (!entered)
            {
                Leave();
            }
        }
    }

    /// <summary>The same for senders whose number another limit bounds, as that of associations does: they wait for memory however many they are.</summary>
    public async Task<IDisposable?> TryQueueAsync(CancellationToken cancellationToken)
        => await memory.TryTakeAsync(limits.HeldBytes, cancellationToken) ? new Ticket(this, limits.HeldBytes, isCounted: false) : null;

    /// <summary>Room for one more instance of a request that has entered, so that it is read while the one before becomes durable; null when there is none at once.</summary>
    public IDisposable? TryAdd(int bytes) => memory.TryTake(bytes) ? new Ticket(this, bytes, isCounted: false) : null;

    private void Leave() => Interlocked.Decrement(ref _uploads);

    private void Return(int bytes) => memory.Return(bytes);

    private sealed class Ticket(UploadAdmission admission, int bytes, bool isCounted) : IDisposable
    {
        private int _isReturned;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReturned, 1) != 0)
            {
                return;
            }

            admission.Return(bytes);
            if (isCounted)
            {
                admission.Leave();
            }
        }
    }
}
