namespace ImagingIngestion.Bindings.Http;

/// <summary>A connection to a target that notices a refusal before the request is complete.</summary>
/// <remarks>
/// HTTP/1.1 of .NET writes the whole request before it reads: a target that answers 413 and closes would seem unreachable. This stream
/// reads while a write waits, and after one has failed. Once the request is cut, the rest of it is discarded, and only its answer passes.
/// </remarks>
internal sealed class AnswerFirstStream(Stream inner) : WrappedStream(inner)
{
    private const int AheadBytes = 4096;

    private readonly Lock _gate = new();
    private byte[] _ahead = [];
    private int _start;
    private Task<int>? _peek;
    private bool _isReading;
    private bool _isWriting;
    private bool _isCut;
    private bool _isAnswered;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isCut)
        {
            ThrowIfAnswered();
            return;
        }

        using CancellationTokenSource cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            Task write = Inner.WriteAsync(buffer, cut.Token).AsTask();
            if (!write.IsCompleted && await IsRefusedBeforeAsync(write, cancellationToken))
            {
                await cut.CancelAsync();
            }

            await write;
        }
        catch (Exception exception) when ((exception is IOException || _isCut) && !cancellationToken.IsCancellationRequested)
        {
            // The following read shows the answer, or why there is none.
            _isCut = true;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _isAnswered |= _isCut;
        Task<int>? peek;
        lock (_gate)
        {
            // HTTP reads the head of an answer, or probes an idle connection, with a small buffer.
            peek = _peek ??= buffer.Length <= AheadBytes ? PeekAsync(CancellationToken.None) : null;
            _isReading = peek is null;
        }

        if (peek is not null)
        {
            await peek.WaitAsync(cancellationToken);
            return Take(buffer.Span);
        }

        try
        {
            return await Inner.ReadAsync(buffer, cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                _isReading = false;
            }
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (!_isCut)
        {
            await Inner.FlushAsync(cancellationToken);
        }
    }

    /// <summary>Refuses another request on a connection whose request was cut.</summary>
    private void ThrowIfAnswered()
    {
        if (_isAnswered)
        {
            throw new IOException("The connection ended with a request that the target did not take.");
        }
    }

    /// <summary>Waits for a write, or for the head of an answer that refuses the request. Other bytes are left to the reader.</summary>
    private async Task<bool> IsRefusedBeforeAsync(Task write, CancellationToken cancellationToken)
    {
        Task<int> peek;
        lock (_gate)
        {
            if (_isReading)
            {
                return false;
            }

            _isWriting = true;
            peek = _peek ??= PeekAsync(CancellationToken.None);
            if (peek.IsCompletedSuccessfully && _start == 0)
            {
                CutIfRefused();
            }
        }

        // A cancelled write must end before this returns: its buffer belongs to the caller.
        await Task.WhenAny(write, peek);
        lock (_gate)
        {
            _isWriting = false;
            return _isCut && !cancellationToken.IsCancellationRequested;
        }
    }

    /// <summary>Reads the next bytes; ends with the connection at the latest. The reader observes a failure, if it ever reads.</summary>
    private Task<int> PeekAsync(CancellationToken cancellationToken)
    {
        Task<int> peek = ReadAheadAsync(cancellationToken);
        _ = peek.ContinueWith(
            static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return peek;
    }

    private async Task<int> ReadAheadAsync(CancellationToken cancellationToken)
    {
        byte[] ahead = new byte[AheadBytes];
        int read = await Inner.ReadAsync(ahead, cancellationToken);
        lock (_gate)
        {
            (_ahead, _start) = (ahead[..read], 0);
            if (_isWriting)
            {
                CutIfRefused();
            }
        }

        return read;
    }

    /// <summary>Cuts the request if a status line from 300 on says that the target will not take the body (RFC 9110 section 15).</summary>
    /// <remarks>Marks the answer as the last of the connection.</remarks>
    private void CutIfRefused()
    {
        ReadOnlySpan<byte> answer = _ahead;
        int line = answer.IndexOf("\r\n"u8) + 2;
        if (line >= 2 && answer.StartsWith("HTTP/1."u8) && answer is [_, _, _, _, _, _, _, _, (byte)' ', >= (byte)'3', ..])
        {
            _ahead = [.. answer[..line], .. "Connection: close\r\n"u8, .. answer[line..]];
            _isCut = true;
        }
    }

    private int Take(Span<byte> buffer)
    {
        lock (_gate)
        {
            int taken = Math.Min(buffer.Length, _ahead.Length - _start);
            _ahead.AsSpan(_start, taken).CopyTo(buffer);
            _start += taken;
            if (_start == _ahead.Length)
            {
                _peek = null;
            }

            return taken;
        }
    }
}
