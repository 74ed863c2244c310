using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Security.Authentication;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>The bytes of the peer.</summary>
/// <remarks>
/// A PDU or message that has begun must progress. The total time that this side waits for a part of it is limited by <see
/// cref="AssociationOptions.ReceiveTimeout"/>, whether the peer is silent or sends a byte now and then.
/// </remarks>
internal sealed class PduInput(PipeReader input, TimeSpan receiveTimeout, PeerPace pace, TimeProvider time, Action onLate) : IDisposable
{
    /// <summary>Bytes of a data set after which the peer gets the whole time again.</summary>
    private const int Step = 4 << 10;

    private readonly Alarm _alarm = new(time, onLate);
    private readonly Lock _gate = new();
    private bool _isComplete;
    private ReadOnlySequence<byte> _buffer;
    private bool _isHeld;
    private long _rest;
    private bool _isAtEnd;
    private TimeSpan _budget;
    private long _progress;

    /// <summary>The result of filling the buffer.</summary>
    public enum Outcome
    {
        Filled,

        /// <summary>The stream ended first.</summary>
        Ended,

        /// <summary><see cref="Wake"/> was called.</summary>
        Woken,
    }

    /// <summary>A message is begun and not complete: waiting is limited.</summary>
    public bool IsWithin { get; set; }

    /// <summary>The bytes that have arrived and are not yet taken.</summary>
    public ReadOnlySequence<byte> Buffer => _buffer;

    /// <summary>Gives the peer the whole time for the next part.</summary>
    public void BeginPart()
    {
        _budget = receiveTimeout;
        _progress = 0;
    }

    /// <summary>Counts bytes of a data set.</summary>
    public void AddProgress(long bytes)
    {
        _progress += bytes;
        if (_progress >= Step)
        {
            BeginPart();
        }
    }

    /// <summary>Takes bytes from the front; they stay valid until more are filled in.</summary>
    public ReadOnlySequence<byte> Take(long count)
    {
        ReadOnlySequence<byte> taken = _buffer.Slice(0, count);
        _buffer = _buffer.Slice(count);
        return taken;
    }

    /// <summary>Ends the wait of a reader.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            if (!_isComplete)
            {
                input.CancelPendingRead();
            }
        }
    }

    /// <summary>Waits until the buffer holds this number of bytes.</summary>
    /// <param name="count">Bytes.</param>
    /// <param name="isBegun">They belong to a PDU that has begun.</param>
    /// <param name="cancellationToken">Ends waiting without losing bytes.</param>
    public async ValueTask<Outcome> FillAsync(int count, bool isBegun, CancellationToken cancellationToken)
    {
        while (_buffer.Length < count)
        {
            if (_isAtEnd)
            {
                return Outcome.Ended;
            }

            if (await ReadAsync(isBegun || IsWithin, cancellationToken).ConfigureAwait(false))
            {
                return Outcome.Woken;
            }
        }

        return Outcome.Filled;
    }

    /// <summary>Completes the input; called only by the pump, after the last read.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
        }

        _buffer = default;
        input.Complete();
    }

    public void Dispose() => _alarm.Dispose();

    /// <summary>Reads once; returns true if it was woken.</summary>
    private async ValueTask<bool> ReadAsync(bool isBegun, CancellationToken cancellationToken)
    {
        Release();
        bool isLimited = isBegun || _rest > 0;
        if (!isLimited)
        {
            BeginPart();
        }

        try
        {
            ValueTask<ReadResult> reading = input.ReadAsync(cancellationToken);
            long start = StartWaiting(isLimited && !reading.IsCompleted);
            ReadResult result;
            try
            {
                result = await reading.ConfigureAwait(false);
            }
            finally
            {
                StopWaiting(start);
            }

            _buffer = result.Buffer;
            pace.Add(_buffer.Length - _rest);
            _isHeld = true;
            _isAtEnd = result.IsCompleted;
            return result.IsCanceled;
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or AuthenticationException)
        {
            _isAtEnd = true;
            return false;
        }
    }

    /// <summary>Returns the start time of the wait; 0 for one without limit.</summary>
    private long StartWaiting(bool isLimited)
    {
        if (!isLimited)
        {
            return 0;
        }

        pace.BeginWait();
        _alarm.Set(_budget);
        return time.GetTimestamp();
    }

    private void StopWaiting(long start)
    {
        if (start != 0)
        {
            pace.EndWait();
            _alarm.Clear();
            TimeSpan left = _budget - time.GetElapsedTime(start);
            _budget = left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    private void Release()
    {
        if (_isHeld)
        {
            _rest = _buffer.Length;
            input.AdvanceTo(_buffer.Start, _buffer.End);
            _buffer = default;
            _isHeld = false;
        }
    }
}
