using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>
/// What this side invokes: gives message IDs, keeps to the number of operations that the peer takes at once, and finds the operation of a
/// response.
/// </summary>
internal sealed class OutgoingOperations(Association association, int limit, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ushort, OutgoingOperation> _open = [];
    private readonly SemaphoreSlim _window = new(limit, limit);
    private ushort _lastId;
    private bool _isOver;

    /// <summary>Waits for its turn, and opens an operation.</summary>
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

    /// <summary>Null for a response to nothing that is open on this context.</summary>
    public OutgoingOperation? Find(ushort messageId, byte contextId)
    {
        lock (_gate)
        {
            return _open.TryGetValue(messageId, out OutgoingOperation? operation) && operation.ContextId == contextId ? operation : null;
        }
    }

    /// <summary>Its final response came, or its request was never sent.</summary>
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

    /// <summary>No response comes any more.</summary>
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

    /// <summary>Called under the lock; at most as many are open as there are numbers, less one.</summary>
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
