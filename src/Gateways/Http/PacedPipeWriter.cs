using System.IO.Pipelines;
using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Tells of the bytes that a peer takes, and of the waits for it.</summary>
internal sealed class PacedPipeWriter(PipeWriter inner, PeerPace pace) : PipeWriter
{
    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void Advance(int bytes) => inner.Advance(bytes);

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        long bytes = inner.CanGetUnflushedBytes ? inner.UnflushedBytes : 0;
        ValueTask<FlushResult> flushing = inner.FlushAsync(cancellationToken);
        if (flushing.IsCompleted)
        {
            pace.Add(bytes);
            return await flushing;
        }

        pace.BeginWait();
        try
        {
            return await flushing;
        }
        finally
        {
            pace.EndWait();
            pace.Add(bytes);
        }
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
