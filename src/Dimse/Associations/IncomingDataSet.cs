using System.Buffers;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>The data set of a message as its fragments arrive.</summary>
/// <remarks>Its reader reads from the connection: a slow reader slows the peer down, and no thread hands bytes to another.</remarks>
public sealed class IncomingDataSet
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly UpperLayerProvider _layer;
    private readonly byte _contextId;
    private readonly int _maxLength;
    private bool _isReading;
    private bool _isAbandoned;
    private bool _isComplete;

    internal IncomingDataSet(UpperLayerProvider layer, byte contextId, int maxLength)
    {
        _layer = layer;
        _contextId = contextId;
        _maxLength = maxLength;
    }

    /// <summary>Returns the next bytes, at most those of one PDU and none at the end; valid until the next call.</summary>
    /// <exception cref="AssociationException">The association ended before the data set did.</exception>
    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_isAbandoned || _isReading)
            {
                throw new InvalidOperationException("A data set is read by one reader, before its operation ends.");
            }

            _isReading = true;
        }

        try
        {
            ReadOnlySequence<byte> piece = await NextAsync(isPump: false, cancellationToken).ConfigureAwait(false);
            if (piece.IsEmpty)
            {
                _done.TrySetResult();
            }

            return piece;
        }
        finally
        {
            StopReading();
        }
    }

    /// <summary>Returns all bytes; null if they are more than <see cref="AssociationOptions.MaxIdentifierLength"/>.</summary>
    public async Task<byte[]?> ReadAllAsync(CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> all = new();
        while (true)
        {
            ReadOnlySequence<byte> piece = await ReadAsync(cancellationToken).ConfigureAwait(false);
            if (piece.IsEmpty)
            {
                return all.WrittenSpan.ToArray();
            }

            if (all.WrittenCount + piece.Length > _maxLength)
            {
                return null;
            }

            foreach (ReadOnlyMemory<byte> segment in piece)
            {
                all.Write(segment.Span);
            }
        }
    }

    /// <summary>Completes when it is no longer read, at its end or before.</summary>
    internal Task WhenDoneAsync(CancellationToken cancellationToken)
        => cancellationToken.CanBeCanceled ? _done.Task.WaitAsync(cancellationToken) : _done.Task;

    /// <summary>Ends reading, because its operation is over.</summary>
    internal void Abandon()
    {
        lock (_gate)
        {
            _isAbandoned = true;
            if (!_isReading)
            {
                _done.TrySetResult();
            }
        }
    }

    /// <summary>Skips unread bytes, so that the next message can be read.</summary>
    internal async ValueTask SkipAsync(CancellationToken cancellationToken)
    {
        while (!_isComplete && !_layer.IsOver)
        {
            await NextAsync(isPump: true, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<ReadOnlySequence<byte>> NextAsync(bool isPump, CancellationToken cancellationToken)
    {
        while (!_isComplete)
        {
            Fragment fragment = await _layer.Values.ReadAsync(isPump, cancellationToken).ConfigureAwait(false);
            if (fragment.IsEnd || (isPump && _layer.IsOver))
            {
                if (isPump)
                {
                    return default;
                }

                _layer.ThrowIfOver();
                throw _layer.EndedException();
            }

            if (fragment.IsCommand || fragment.ContextId != _contextId)
            {
                await _layer.InvalidAsync(
                    AbortReason.UnexpectedParameter,
                    "A message was interrupted by another one.",
                    CancellationToken.None).ConfigureAwait(false);
                continue;
            }

            _layer.Input.AddProgress(fragment.Bytes.Length);
            _isComplete = fragment.IsLast;
            if (!fragment.Bytes.IsEmpty)
            {
                return fragment.Bytes;
            }
        }

        return default;
    }

    private void StopReading()
    {
        lock (_gate)
        {
            _isReading = false;
            if (_isAbandoned)
            {
                _done.TrySetResult();
            }
        }
    }
}
