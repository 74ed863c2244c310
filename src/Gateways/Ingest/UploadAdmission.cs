namespace ImagingIngestion.Gateways;

/// <summary>
/// Lets uploads in: a bounded number at all, and of these only as many at once as the buffer budget of the process carries. Asked before
/// the body is read, so that who waits costs no memory.
/// </summary>
public sealed class UploadAdmission : IDisposable
{
    private readonly SemaphoreSlim _buffers;
    private readonly int _maxUploads;
    private readonly TimeSpan _wait;
    private int _uploads;

    /// <param name="maxUploads">Uploads that run or wait.</param>
    /// <param name="limits">The budget and the longest wait.</param>
    public UploadAdmission(int maxUploads, IngestLimits limits)
    {
        _maxUploads = maxUploads;
        _wait = limits.AdmissionWait;
        _buffers = new SemaphoreSlim((int)Math.Max(1, limits.BufferBudget / limits.HeldBytes));
    }

    /// <summary>A ticket to dispose after the upload; null when there is no room: try later.</summary>
    public async Task<IDisposable?> TryEnterAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _uploads) > _maxUploads)
        {
            Leave();
            return null;
        }

        bool entered = false;
        try
        {
            entered = await _buffers.WaitAsync(_wait, cancellationToken);
            return entered ? new Ticket(this, isCounted: true) : null;
        }
        finally
        {
            if (!entered)
            {
                Leave();
            }
        }
    }

    /// <summary>The same for senders whose number another limit bounds, as that of associations does: they wait for buffers however many they are.</summary>
    public async Task<IDisposable?> TryQueueAsync(CancellationToken cancellationToken)
        => await _buffers.WaitAsync(_wait, cancellationToken) ? new Ticket(this, isCounted: false) : null;

    public void Dispose() => _buffers.Dispose();

    private void Leave() => Interlocked.Decrement(ref _uploads);

    private sealed class Ticket(UploadAdmission admission, bool isCounted) : IDisposable
    {
        private int _isReturned;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReturned, 1) != 0)
            {
                return;
            }

            admission._buffers.Release();
            if (isCounted)
            {
                admission.Leave();
            }
        }
    }
}
