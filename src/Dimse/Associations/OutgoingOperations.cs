using System.Threading.Channels;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>The operations that this side invokes.</summary>
/// <remarks>
/// It assigns message IDs, keeps to the number of operations that the peer accepts at once, and finds the operation of a response.
/// </remarks>
internal sealed class OutgoingOperations(Association association, int limit, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ushort, OutgoingOperation> _open = [];
    private readonly SemaphoreSlim _window = new(limit, limit);
    private ushort _lastId;
    private bool _isOver;

    /// <summary>Waits for a place in the window, and opens an operation.</summary>
    public async ValueTask<OutgoingOperation> OpenAsync(byte contextId, CommandField request, CancellationToken cancellationToken)
    {
        if (!_window.Wait(0, CancellationToken.None))
        {
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, association.Ended);
            try
            {
                await _window.WaitAsync(either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw association.EndedException();
            }
        }

        lock (_gate)
        {
            if (!_isOver)
            {
                OutgoingOperation operation = new(association, contextId, request, NextId(), time);
                _open.Add(operation.MessageId, operation);
                association.Work.Enter();
                return operation;
            }
        }

        throw association.EndedException();
    }

    /// <summary>Returns the open operation of a response on this context; null if there is none.</summary>
    public OutgoingOperation? Find(ushort messageId, byte contextId)
    {
        lock (_gate)
        {
            return _open.TryGetValue(messageId, out OutgoingOperation? operation) && operation.ContextId == contextId ? operation : null;
        }
    }

    /// <summary>Closes an operation after its final response, or if its request was never sent.</summary>
    public void Close(OutgoingOperation operation)
    {
        lock (_gate)
        {
            if (!_open.Remove(operation.MessageId))
            {
                return;
            }
        }

        operation.End();
        _window.Release();
        association.Work.Exit();
    }

    /// <summary>Ends all operations: no more responses arrive.</summary>
    public void End()
    {
        OutgoingOperation[] left;
        lock (_gate)
        {
            _isOver = true;
            left = [.. _open.Values];
        }

        foreach (OutgoingOperation operation in left)
        {
            Close(operation);
        }
    }

    /// <summary>Returns an unused number; called under the lock. At most as many are open as there are numbers, less one.</summary>
    private ushort NextId()
    {
        do
        {
            _lastId++;
        }
        while (_lastId == 0 || _open.ContainsKey(_lastId));
        return _lastId;
    }
}

/// <summary>A request of this side and its responses.</summary>
public sealed class OutgoingOperation
{
    /// <summary>Responses that are held for a slow reader; with more of them the connection is not read.</summary>
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

    /// <summary>Returns the next response; after one that is not pending there are no more.</summary>
    /// <exception cref="AssociationException">
    /// The association ended, or the response took longer than <see cref="AssociationOptions.ResponseTimeout"/>.
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

    /// <summary>Sends a C-CANCEL-RQ; the final response still arrives.</summary>
    public ValueTask CancelAsync(CancellationToken cancellationToken)
        => _association.Sender.SendAsync(_contextId, new CCancelRequest(MessageId), null, cancellationToken);

    /// <summary>
    /// Returns whether the response fits the request: of its kind, and pending only if more may follow (PS3.7 section 9.3).
    /// </summary>
    internal bool IsAnsweredBy(DimseResponse response)
        => response.Field == _request.ResponseField()
            && (!response.Status.IsPending
                || _request is CommandField.CFindRequest or CommandField.CGetRequest or CommandField.CMoveRequest);

    /// <summary>Starts the response timeout, after the request was sent.</summary>
    internal void StartWaiting() => _alarm.Set(_association.Options.ResponseTimeout);

    /// <summary>Takes a response; completes when there is room for another one.</summary>
    internal Task TakeAsync(DimseReply reply, CancellationToken cancellationToken)
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

    /// <summary>Ends the operation: no more responses arrive.</summary>
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

/// <summary>A response with its data set, which is empty if none arrived.</summary>
public sealed record DimseReply(DimseResponse Response, ReadOnlyMemory<byte> DataSet);
