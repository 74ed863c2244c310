using System.Threading.Channels;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>A request of this side whose responses come.</summary>
public sealed class OutgoingOperation
{
    /// <summary>Responses that are held for a slow reader; beyond these the connection is not read.</summary>
    private const int MaxHeld = 64;

    private readonly Channel<DimseReply> _replies = Channel.CreateUnbounded<DimseReply>(
        new UnboundedChannelOptions { SingleReader = true });
    private readonly Association _association;
    private readonly byte _contextId;
    private readonly CommandField _request;
    private readonly Alarm _alarm;
    private readonly Lock _gate = new();
    private TaskCompletionSource? _room;
    private long _heldBytes;
    private int _held;
    private bool _isRead;

    internal OutgoingOperation(Association association, byte contextId, CommandField request, ushort messageId, TimeProvider time)
    {
        _association = association;
        _contextId = contextId;
        _request = request;
        MessageId = messageId;
        _alarm = new Alarm(time, () => association.Abort(new AssociationException(
            AssociationFault.TimedOut, $"The peer did not respond within {association.Options.ResponseTimeout}.")));
    }

    public ushort MessageId { get; }

    internal byte ContextId => _contextId;

    /// <summary>The next response; after one that is not pending there is none.</summary>
    /// <exception cref="AssociationException">
    /// The association is gone, or the response took longer than <see cref="AssociationOptions.ResponseTimeout"/>.
    /// </exception>
    public async ValueTask<DimseReply> ReadAsync(CancellationToken cancellationToken)
    {
        if (_isRead)
        {
            throw new InvalidOperationException("The final response was already read.");
        }

        DimseReply reply;
        _association.Pace.BeginWait();
        try
        {
            reply = await _replies.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw _association.EndedException();
        }
        finally
        {
            _association.Pace.EndWait();
        }

        _isRead = !reply.Response.Status.IsPending;
        lock (_gate)
        {
            _held--;
            _heldBytes -= reply.DataSet.Length;
            _room?.TrySetResult();
            _room = null;
        }

        return reply;
    }

    /// <summary>Sends a C-CANCEL-RQ; the final response still comes.</summary>
    public ValueTask CancelAsync(CancellationToken cancellationToken)
        => _association.Sender.SendAsync(_contextId, new CCancelRequest(MessageId), null, cancellationToken);

    /// <summary>The response is of the kind of the request, and pending only where more may follow (PS3.7 section 9.3).</summary>
    internal bool IsAnsweredBy(DimseResponse response)
        => response.Field == _request.ResponseField()
            && (!response.Status.IsPending
                || _request is CommandField.CFindRequest or CommandField.CGetRequest or CommandField.CMoveRequest);

    /// <summary>The request is sent: from now on the peer is waited for.</summary>
    internal void StartWaiting() => _alarm.Set(_association.Options.ResponseTimeout);

    /// <summary>A response came; completes when there is room for another one.</summary>
    internal Task Take(DimseReply reply, CancellationToken cancellationToken)
    {
        bool isFinal = !reply.Response.Status.IsPending;
        lock (_gate)
        {
            _held++;
            _heldBytes += reply.DataSet.Length;
        }

        _replies.Writer.TryWrite(reply);
        if (isFinal)
        {
            End();
            return Task.CompletedTask;
        }

        _alarm.Clear();
        return WaitForRoomAsync(cancellationToken);
    }

    /// <summary>Nothing comes any more.</summary>
    internal void End()
    {
        _alarm.Dispose();
        _replies.Writer.TryComplete();
        lock (_gate)
        {
            _room?.TrySetResult();
            _room = null;
        }
    }

    private async Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        Task? room = null;
        lock (_gate)
        {
            if (_held >= MaxHeld || _heldBytes >= _association.Options.MaxIdentifierLength)
            {
                _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }
        }

        if (room is not null && _association.IsOpen)
        {
            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        StartWaiting();
    }
}

/// <summary>A response with its data set, which is empty where none came.</summary>
public sealed record DimseReply(DimseResponse Response, ReadOnlyMemory<byte> DataSet);
