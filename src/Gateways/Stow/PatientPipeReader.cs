using System.IO.Pipelines;

namespace ImagingIngestion.Gateways;

/// <summary>A request body whose every read that has to wait ends when the peer stays silent too long. Slow but steady peers are not cut off.</summary>
internal sealed class PatientPipeReader(PipeReader inner, TimeSpan idleTimeout, TimeProvider time) : PipeReader
{
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (inner.TryRead(out ReadResult ready))
        {
            if (!ready.IsCanceled)
            {
                return ready;
            }

            // The wake-up of an earlier read that had been served in the same moment.
            inner.AdvanceTo(ready.Buffer.Start);
        }

        using CancellationTokenSource idle = new(idleTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancellationToken);

        // Cancelled by token, Kestrel's reader would take the read for still running and fail when it goes on to the end of the body.
        await using CancellationTokenRegistration wake = either.Token.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), inner);
        while (true)
        {
            ReadResult result = await inner.ReadAsync(CancellationToken.None);
            if (!result.IsCanceled)
            {
                return result;
            }

            inner.AdvanceTo(result.Buffer.Start);
            cancellationToken.ThrowIfCancellationRequested();
            if (idle.IsCancellationRequested)
            {
                throw new BodyTimeoutException($"The sender was silent for {idleTimeout.TotalSeconds:0} seconds within the request.");
            }
        }
    }

    public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
