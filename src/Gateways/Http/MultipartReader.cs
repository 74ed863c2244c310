using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Reads a multipart body (RFC 2046 section 5.1) forward, part by part.</summary>
/// <remarks>
/// It copies no part bodies and holds no more than the pipe does. It tolerates a preamble, an epilogue, lines that end with LF alone and a
/// missing final boundary.
/// </remarks>
public sealed class MultipartReader : IDisposable
{
    /// <summary>The longest boundary that is read.</summary>
    /// <remarks>RFC 2046 section 5.1.1 allows 70 characters, but some senders use more: Orthanc's DICOMweb plugin sends 73.</remarks>
    public const int MaxBoundaryLength = 200;

    private readonly PipeReader _input;
    private readonly MultipartLimits _limits;
    private readonly byte[] _dashBoundary;
    private byte[] _delimiter;
    private bool _hasDelimiter;
    private ReadOnlySequence<byte> _buffer;
    private bool _hasRead;
    private bool _inputEnded;
    private State _state = State.Preamble;
    private MultipartPart? _current;

    private enum State
    {
        Preamble,
        Headers,
        BodyStart,
        Body,
        AfterPart,
        Ended,
    }

    /// <exception cref="MultipartException">The boundary is empty or too long.</exception>
    public MultipartReader(PipeReader input, string boundary, MultipartLimits? limits = null)
    {
        if (boundary.Length is 0 or > MaxBoundaryLength || !Ascii.IsValid(boundary))
        {
            throw new MultipartException(
                MultipartFault.Malformed,
                $"The boundary parameter of the Content-Type must have 1 to {MaxBoundaryLength} ASCII characters.");
        }

        _input = input;
        _limits = limits ?? new MultipartLimits();
        _dashBoundary = Encoding.ASCII.GetBytes("--" + boundary);
        _delimiter = [.. "\r\n"u8, .. _dashBoundary];
    }

    /// <summary>The body ended without its closing boundary; known after the last part.</summary>
    public bool IsFinalBoundaryMissing { get; private set; }

    /// <summary>Returns the next part after skipping the rest of the current one; null after the last.</summary>
    /// <exception cref="MultipartException">The body is malformed, or ends within the current part or a part header.</exception>
    public async ValueTask<MultipartPart?> ReadPartAsync(CancellationToken cancellationToken)
    {
        if (_state == State.Preamble)
        {
            await SkipPreambleAsync(cancellationToken);
        }

        while (_state is State.BodyStart or State.Body)
        {
            await ReadBodyAsync(cancellationToken);
        }

        if (_state == State.AfterPart)
        {
            await ReadDelimiterEndAsync(cancellationToken);
        }

        return _state == State.Ended ? null : _current = await ReadHeadersAsync(cancellationToken);
    }

    /// <summary>Returns unused bytes to the pipe; the bytes of the last block are no longer valid.</summary>
    public void Dispose()
    {
        if (_hasRead)
        {
            _hasRead = false;
            _state = State.Ended;
            _input.AdvanceTo(_buffer.Start);
        }
    }

    /// <summary>Returns the next bytes of the current part, empty at its end.</summary>
    internal async ValueTask<ReadOnlySequence<byte>> ReadBodyAsync(MultipartPart part, CancellationToken cancellationToken)
        => ReferenceEquals(part, _current) && _state is State.BodyStart or State.Body
            ? await ReadBodyAsync(cancellationToken)
            : ReadOnlySequence<byte>.Empty;

    private async ValueTask<ReadOnlySequence<byte>> ReadBodyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadOnlySequence<byte> block = TakeBody(out bool needsMore);
            if (!needsMore)
            {
                return block;
            }

            if (_inputEnded)
            {
                _state = State.Ended;
                IsFinalBoundaryMissing = true;
                throw new MultipartException(MultipartFault.Truncated, "The body ends within a part: no boundary follows it.");
            }

            await FillAsync(cancellationToken);
        }
    }

    /// <summary>Takes the bytes that surely belong to the part from the buffer; holds back at most a delimiter.</summary>
    private ReadOnlySequence<byte> TakeBody(out bool needsMore)
    {
        needsMore = false;
        if (_state == State.BodyStart)
        {
            // The line end of the blank line after the headers may be that of the delimiter: an empty part.
            BoundaryMatch atStart = MultipartBoundary.Match(_buffer, 0, _dashBoundary, _inputEnded);
            if (atStart == BoundaryMatch.NeedsMore)
            {
                needsMore = true;
                return default;
            }

            _state = State.Body;
            if (atStart != BoundaryMatch.None)
            {
                return EndPart(0, _dashBoundary.Length);
            }
        }

        // Each search goes on from the one before: a body may hold many lines that only begin like a delimiter.
        ReadOnlySequence<byte> rest = _buffer;
        long from = 0;
        while (true)
        {
            long found = DelimiterScanner.IndexOf(rest, _delimiter);
            if (found < 0)
            {
                long sure = Math.Max(from, _buffer.Length - (_delimiter.Length - 1));
                needsMore = sure == 0;
                return Take(sure);
            }

            BoundaryMatch match = MultipartBoundary.Match(rest, found, _delimiter, _inputEnded);
            switch (match)
            {
                case BoundaryMatch.None:
                    rest = rest.Slice(found + 1);
                    from += found + 1;
                    break;
                case BoundaryMatch.NeedsMore:
                    needsMore = from + found == 0;
                    return Take(from + found);
                default:
                    return EndPart(from + found, _delimiter.Length);
            }
        }
    }

    private ReadOnlySequence<byte> EndPart(long length, int delimiterLength)
    {
        ReadOnlySequence<byte> block = Take(length);
        _buffer = _buffer.Slice(delimiterLength);
        _state = State.AfterPart;
        return block;
    }

    private ReadOnlySequence<byte> Take(long length)
    {
        ReadOnlySequence<byte> block = _buffer.Slice(0, length);
        _buffer = _buffer.Slice(length);
        return block;
    }

    private async ValueTask SkipPreambleAsync(CancellationToken cancellationToken)
    {
        long skipped = 0;
        bool lineStart = true;
        while (true)
        {
            BoundaryMatch match = MultipartBoundary.FindInPreamble(_buffer, _dashBoundary, lineStart, _inputEnded, out long offset);
            if (match is BoundaryMatch.Delimiter or BoundaryMatch.Closing)
            {
                _buffer = _buffer.Slice(offset + _dashBoundary.Length);
                _state = State.AfterPart;
                return;
            }

            skipped += offset;
            lineStart &= offset == 0;
            _buffer = _buffer.Slice(offset);
            if (skipped > _limits.MaxPreambleBytes)
            {
                throw new MultipartException(MultipartFault.TooLarge, $"No boundary line within the first {_limits.MaxPreambleBytes} "
                    + "bytes: the boundary parameter of the Content-Type must be the one that the body uses.");
            }

            if (_inputEnded)
            {
                throw new MultipartException(
                    MultipartFault.Malformed,
                    "The body holds no boundary line: the boundary parameter of the Content-Type must be the one that the body uses.");
            }

            await FillAsync(cancellationToken);
        }
    }

    private async ValueTask ReadDelimiterEndAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            BoundaryMatch match = MultipartBoundary.MatchEnd(_buffer, _inputEnded, out long length);
            if (match == BoundaryMatch.NeedsMore)
            {
                await FillAsync(cancellationToken);
                continue;
            }

            ReadOnlySequence<byte> lineEnd = _buffer.Slice(0, length);
            if (!_hasDelimiter
                && match == BoundaryMatch.Delimiter
                && lineEnd.PositionOf((byte)'\n') is not null
                && lineEnd.PositionOf((byte)'\r') is null)
            {
                // The whole body is written with LF alone: CR before a boundary then belongs to the part.
                _delimiter = [(byte)'\n', .. _dashBoundary];
            }

            _hasDelimiter = true;
            _buffer = _buffer.Slice(length);
            IsFinalBoundaryMissing = match == BoundaryMatch.Delimiter && _inputEnded && _buffer.IsEmpty;
            _state = match == BoundaryMatch.Closing || IsFinalBoundaryMissing ? State.Ended : State.Headers;
            return;
        }
    }

    private async ValueTask<MultipartPart?> ReadHeadersAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            List<KeyValuePair<string, string>>? headers = MultipartHeaders.TryRead(_buffer, _limits, out SequencePosition end);
            if (headers is not null)
            {
                _buffer = _buffer.Slice(end);
                _state = State.BodyStart;
                return new MultipartPart(this, headers);
            }

            if (_inputEnded)
            {
                bool nothingFollows = _buffer.IsEmpty;
                _state = State.Ended;
                IsFinalBoundaryMissing = true;
                return nothingFollows
                    ? null
                    : throw new MultipartException(MultipartFault.Truncated, "The body ends within the headers of a part.");
            }

            await FillAsync(cancellationToken);
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_hasRead)
        {
            _input.AdvanceTo(_buffer.Start, _buffer.End);
        }

        _hasRead = false;
        ReadResult result = await _input.ReadAsync(cancellationToken);
        _hasRead = true;
        _buffer = result.Buffer;
        _inputEnded = result.IsCompleted;
        if (result.IsCanceled)
        {
            throw new OperationCanceledException("Reading the request body was cancelled.", cancellationToken);
        }
    }
}

/// <summary>A part of a multipart body, readable until the caller asks for the next one.</summary>
public sealed class MultipartPart
{
    private readonly MultipartReader _reader;

    internal MultipartPart(MultipartReader reader, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        _reader = reader;
        Headers = headers;
    }

    /// <summary>Names as sent, values trimmed.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    /// <summary>The media type; null if absent or malformed.</summary>
    public MediaType? ContentType => MediaType.TryParse(this["Content-Type"], out MediaType? type) ? type : null;

    public string? ContentLocation => this["Content-Location"];

    /// <summary>The first header of that name, in any case.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (KeyValuePair<string, string> header in Headers)
            {
                if (header.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return header.Value;
                }
            }

            return null;
        }
    }

    /// <summary>
    /// Returns the next bytes, empty at the end of the part. They stay valid until the next call on this part or its reader.
    /// </summary>
    /// <exception cref="MultipartException">The body ends within the part.</exception>
    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
        => await _reader.ReadBodyAsync(this, cancellationToken);
}
