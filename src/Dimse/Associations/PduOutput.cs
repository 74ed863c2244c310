using System.IO.Pipelines;
using System.Net.Sockets;
using System.Security.Authentication;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>The output to the peer, with one writer at a time.</summary>
/// <remarks>
/// PDUs of the association itself are queued under the lock of the state table, and are sent in that order between two messages.
/// </remarks>
internal sealed class PduOutput(PipeWriter output, TimeSpan sendTimeout, PeerPace pace, TimeProvider time, Action onStuck) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Queue<Pdu> _queue = new();
    private readonly Alarm _alarm = new(time, onStuck);
    private bool _isComplete;

    /// <summary>The place to write to during this writer's turn.</summary>
    public PipeWriter Writer => output;

    /// <summary>Queues a PDU; called under the lock of the state table.</summary>
    public void Enqueue(Pdu pdu)
    {
        lock (_queue)
        {
            _queue.Enqueue(pdu);
        }
    }

    /// <summary>Waits for the turn to write.</summary>
    public Task EnterAsync(CancellationToken cancellationToken) => _turn.WaitAsync(cancellationToken);

    public void Leave() => _turn.Release();

    /// <summary>Sends the written bytes.</summary>
    /// <exception cref="IOException">It cannot be sent.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            long bytes = output.CanGetUnflushedBytes ? output.UnflushedBytes : 0;
            ValueTask<FlushResult> flushing = output.FlushAsync(cancellationToken);
            if (flushing.IsCompleted)
            {
                Check(await flushing.ConfigureAwait(false));
                return;
            }

            pace.BeginWait();
            _alarm.Set(sendTimeout);
            try
            {
                Check(await flushing.ConfigureAwait(false));
                pace.Add(bytes);
            }
            finally
            {
                pace.EndWait();
                _alarm.Clear();
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or AuthenticationException)
        {
            throw new IOException("The connection is gone.", exception);
        }
    }

    /// <summary>Sends the queued PDUs.</summary>
    /// <exception cref="IOException">They cannot be sent.</exception>
    public async Task FlushQueueAsync(CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            bool isAny = false;
            while (Dequeue() is { } pdu)
            {
                PduWriter.Write(output, pdu);
                isAny = true;
            }

            if (isAny)
            {
                await FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Ends the wait of a writer.</summary>
    public void Wake()
    {
        lock (_queue)
        {
            if (!_isComplete)
            {
                output.CancelPendingFlush();
            }
        }
    }

    /// <summary>Completes the output; called only by the pump, after the connection is closed.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken).ConfigureAwait(false);
        lock (_queue)
        {
            _isComplete = true;
        }

        try
        {
            await output.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or AuthenticationException)
        {
            // The rest of a broken message in the buffer cannot be sent.
        }
        finally
        {
            Leave();
        }
    }

    public void Dispose() => _alarm.Dispose();

    private static void Check(FlushResult result)
    {
        if (result.IsCanceled || result.IsCompleted)
        {
            throw new IOException("The connection is gone.");
        }
    }

    private Pdu? Dequeue()
    {
        lock (_queue)
        {
            return _queue.TryDequeue(out Pdu? pdu) ? pdu : null;
        }
    }
}
