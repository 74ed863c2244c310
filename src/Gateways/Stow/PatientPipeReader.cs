using System.IO.Pipelines;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Gateways.Http;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Stow;

/// <summary>
/// A request body whose every read that has to wait ends when the peer stays silent too long. Slow but steady peers are not cut off.
/// </summary>
internal sealed class PatientPipeReader(PipeReader inner, TimeSpan idleTimeout, TimeProvider time) : PipeReader
{
    private readonly PacedPipeReader _inner = new(inner);

    /// <summary>Told of the bytes, and of the waits for them; null until the upload has a place.</summary>
    public PeerPace? Pace
    {
        get => _inner.Pace;
        set => _inner.Pace = value;
    }

    /// <summary>Waits until the body has begun to come, or is empty; what has come stays to be read.</summary>
    public async Task WaitForBytesAsync(CancellationToken cancellationToken)
    {
        ReadResult result = await ReadAsync(cancellationToken);
        AdvanceTo(result.Buffer.Start);
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (TryRead(out ReadResult ready))
        {
            if (!ready.IsCanceled)
            {
                return ready;
            }

            // The wake-up of an earlier read that had been served in the same moment.
            _inner.AdvanceTo(ready.Buffer.Start);
        }

        return await WaitAsync(cancellationToken);
    }

    private async ValueTask<ReadResult> WaitAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource idle = new(idleTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancellationToken);

        // Cancelled by token, Kestrel's reader would take the read for still running and fail when it goes on to the end of the body.
        await using CancellationTokenRegistration wake = either.Token.UnsafeRegister(
            static reader => ((PipeReader)reader!).CancelPendingRead(), _inner);
        while (true)
        {
            ReadResult result = await ReadInnerAsync(CancellationToken.None);
            if (!result.IsCanceled)
            {
                return result;
            }

            _inner.AdvanceTo(result.Buffer.Start);
            cancellationToken.ThrowIfCancellationRequested();
            if (idle.IsCancellationRequested)
            {
                throw new BodyTimeoutException($"The sender was silent for {idleTimeout.TotalSeconds:0} seconds within the request.");
            }
        }
    }

    /// <exception cref="SenderGoneException">The connection has ended.</exception>
    public override bool TryRead(out ReadResult result)
    {
        try
        {
            return _inner.TryRead(out result);
        }
        catch (Exception exception) when (IsEndOfConnection(exception))
        {
            throw new SenderGoneException(exception);
        }
    }

    private async ValueTask<ReadResult> ReadInnerAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _inner.ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (IsEndOfConnection(exception))
        {
            throw new SenderGoneException(exception);
        }
    }

    private static bool IsEndOfConnection(Exception exception) => exception is IOException and not BadHttpRequestException;

    public override void AdvanceTo(SequencePosition consumed) => _inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => _inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _inner.Complete(exception);
}

/// <summary>The peer sent nothing for too long, or the whole request took too long.</summary>
public sealed class BodyTimeoutException(string message) : IOException(message);

/// <summary>
/// The sender, or the connection to it, is gone within an instance: it hears nothing and will send again. Any other fault of reading or
/// writing is one of ours.
/// </summary>
public sealed class SenderGoneException(Exception inner) : IOException("The sender is gone.", inner);
