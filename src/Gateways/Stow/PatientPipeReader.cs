using System.IO.Pipelines;

namespace ImagingIngestion.Gateways;

/// <summary>A request body whose every read that has to wait ends when the peer stays silent too long. Slow but steady peers are not cut off.</summary>
internal sealed class PatientPipeReader(PipeReader inner, TimeSpan idleTimeout, TimeProvider time) : PipeReader
{
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (inner.TryRead(out ReadResult ready))
        {
            return ready;
        }

        using CancellationTokenSource idle = new(idleTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancellationToken);
        try
        {
            return await inner.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (idle.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new BodyTimeoutException($"The sender was silent for {idleTimeout.TotalSeconds:0} seconds within the request.");
        }
    }

    public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
