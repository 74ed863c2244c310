using System.Buffers;
using System.IO.Pipelines;
using ImagingIngestion.Dimse;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways;

/// <summary>A request body whose every read that has to wait ends when the peer stays silent too long. Slow but steady peers are not cut off.</summary>
internal sealed class PatientPipeReader(PipeReader inner, TimeSpan idleTimeout, TimeProvider time) : PipeReader
{
    private ReadOnlySequence<byte> _buffer;
    private long _seen;

    /// <summary>Told of the bytes, and of the waits for them; null until the upload has a place.</summary>
    public PeerPace? Pace { get; set; }

    /// <summary>Waits until the body has begun to come, or is empty; what has come stays to be read.</summary>
    public async Task WaitForBytesAsync(CancellationToken cancellationToken)
    {
        ReadResult result = await ReadAsync(cancellationToken);
        AdvanceTo(result.Buffer.Start);
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (inner.TryRead(out ReadResult ready))
        {
            if (!ready.IsCanceled)
            {
                Count(ready.Buffer);
                return ready;
            }

            // The wake-up of an earlier read that had been served in the same moment.
            inner.AdvanceTo(ready.Buffer.Start);
        }

        PeerPace? pace = Pace;
        pace?.BeginWait();
        try
        {
            ReadResult result = await WaitAsync(cancellationToken);
            Count(result.Buffer);
            return result;
        }
        finally
        {
            pace?.EndWait();
        }
    }

    private async ValueTask<ReadResult> WaitAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource idle = new(idleTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancellationToken);

        // Cancelled by token, Kestrel's reader would take the read for still running and fail when it goes on to the end of the body.
        await using CancellationTokenRegistration wake = either.Token.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), inner);
        while (true)
        {
            ReadResult result = await ReadInnerAsync(CancellationToken.None);
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

    private async ValueTask<ReadResult> ReadInnerAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await inner.ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException and not BadHttpRequestException)
        {
            throw new SenderGoneException(exception);
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        bool isThere = inner.TryRead(out result);
        if (isThere)
        {
            Count(result.Buffer);
        }

        return isThere;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _seen = _buffer.Slice(consumed).Length;
        _buffer = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    /// <summary>Counts the bytes of the buffer that no earlier read has returned.</summary>
    private void Count(ReadOnlySequence<byte> buffer)
    {
        _buffer = buffer;
        Pace?.Add(Math.Max(0, buffer.Length - _seen));
    }
}
