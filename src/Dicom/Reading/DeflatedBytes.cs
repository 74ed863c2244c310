using System.IO.Compression;

namespace ImagingIngestion.Dicom.Reading;

/// <summary>
/// Inflates data sets of the deflated transfer syntaxes: raw deflate (PS3.5 section A.5), or, as some writers do it, with zlib headers.
/// </summary>
public static class DeflatedBytes
{
    /// <summary>The number of bytes that distinguish the two.</summary>
    internal const int StartSize = 5;

    private const int ZlibHeaderSize = 2;

    /// <summary>Opens the inflated bytes; disposing them, or a failure here, disposes the stream.</summary>
    /// <param name="deflated">Positioned at the first byte.</param>
    /// <param name="cancellationToken">Ends the wait for the first bytes.</param>
    public static async Task<DeflateStream> OpenAsync(Stream deflated, CancellationToken cancellationToken)
    {
        byte[] start = new byte[StartSize];
        int count;
        try
        {
            count = await deflated.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        }
        catch
        {
            await deflated.DisposeAsync();
            throw;
        }

        int headers = HeaderSize(start.AsSpan(0, count));
        return new DeflateStream(new StartedStream(start.AsMemory(headers, count - headers), deflated), CompressionMode.Decompress);
    }

    /// <summary>Returns the bytes of zlib headers before the raw stream, 0 for none.</summary>
    internal static int HeaderSize(ReadOnlySpan<byte> start)
    {
        // RFC 1950 section 2.2: method 8, a window that exists, no dictionary, and a multiple of 31.
        bool isHeader = start.Length >= ZlibHeaderSize
            && (start[0] & 0x0F) == 8
            && start[0] >> 4 <= 7
            && (start[1] & 0x20) == 0
            && ((start[0] << 8) | start[1]) % 31 == 0;

        // The same bytes could begin a stored block, whose length is followed by its complement (RFC 1951 section 3.2.4).
        bool isStoredBlock = start.Length >= StartSize && (start[1] ^ start[3]) == 0xFF && (start[2] ^ start[4]) == 0xFF;
        return isHeader && !isStoredBlock ? ZlibHeaderSize : 0;
    }

    /// <summary>Bytes that were already read, then the rest of their stream.</summary>
    private sealed class StartedStream(ReadOnlyMemory<byte> start, Stream rest) : Stream
    {
        private ReadOnlyMemory<byte> _start = start;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
            => TakeStart(buffer.AsSpan(offset, count)) is var taken and > 0 ? taken : rest.Read(buffer, offset, count);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
            => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => TakeStart(buffer.Span) is var taken and > 0 ? ValueTask.FromResult(taken) : rest.ReadAsync(buffer, cancellationToken);

        public override async ValueTask DisposeAsync()
        {
            await rest.DisposeAsync();
            await base.DisposeAsync();
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                rest.Dispose();
            }

            base.Dispose(disposing);
        }

        private int TakeStart(Span<byte> buffer)
        {
            int count = Math.Min(buffer.Length, _start.Length);
            _start.Span[..count].CopyTo(buffer);
            _start = _start[count..];
            return count;
        }
    }
}

/// <summary>
/// Inflates the blocks of a deflated data set as they arrive (PS3.5 section A.5, RFC 1951) and feeds the result to a parser.
/// </summary>
internal sealed class DataSetInflater : IDisposable
{
    private readonly DicomReaderOptions _options;
    private readonly DataSetParser _parser;
    private readonly BlockStream _blocks = new();
    private readonly DeflateStream _inflater;
    private readonly byte[] _output = new byte[32 << 10];
    private readonly byte[] _start = new byte[DeflatedBytes.StartSize];
    private int _started;

    public DataSetInflater(DataSetParser parser, DicomReaderOptions options)
    {
        _parser = parser;
        _options = options;
        _inflater = new DeflateStream(_blocks, CompressionMode.Decompress);
    }

    /// <summary>The stream has the headers of zlib (RFC 1950).</summary>
    public bool IsZlib { get; private set; }

    public void Feed(ReadOnlyMemory<byte> block)
    {
        int used = Math.Min(block.Length, _start.Length - _started);
        if (used > 0)
        {
            block.Span[..used].CopyTo(_start.AsSpan(_started));
            _started += used;
            if (_started < _start.Length)
            {
                return;
            }

            InflateStart();
        }

        _blocks.Block = block[used..];
        Drain();
    }

    /// <summary>Ends the stream.</summary>
    /// <exception cref="DicomParseException">The deflate stream has no end.</exception>
    public void Complete()
    {
        if (_started < _start.Length)
        {
            InflateStart();
        }

        // An inflater that has seen the end of its stream requests no more input.
        _blocks.WasAskedInVain = false;
        Drain();
        if (_blocks.WasAskedInVain)
        {
            throw new DicomParseException(
                DicomParseError.Truncated, "The deflated data set has no end; send the whole file", "", _parser.Offset);
        }
    }

    public void Dispose() => _inflater.Dispose();

    private void InflateStart()
    {
        int headers = DeflatedBytes.HeaderSize(_start.AsSpan(0, _started));
        IsZlib = headers > 0;
        _blocks.Block = _start.AsMemory(headers, _started - headers);
        _started = _start.Length;
        Drain();
    }

    private void Drain()
    {
        try
        {
            int count;
            while ((count = _inflater.Read(_output, 0, _output.Length)) > 0)
            {
                if (_parser.Offset + count > _options.MaxInflatedBytes)
                {
                    throw new DicomParseException(
                        DicomParseError.LimitExceeded,
                        $"The data set inflates to more than {_options.MaxInflatedBytes} bytes",
                        "",
                        _parser.Offset);
                }

                _parser.Feed(_output.AsSpan(0, count));
            }
        }
        catch (InvalidDataException exception)
        {
            throw new DicomParseException(DicomParseError.BadDeflate, "The deflated data set is corrupt", "", _parser.Offset, exception);
        }
    }

    /// <summary>Gives the inflater the current block and then reports "nothing yet", which it takes as a pause.</summary>
    private sealed class BlockStream : Stream
    {
        public ReadOnlyMemory<byte> Block { get; set; }

        public bool WasAskedInVain { get; set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            int count = Math.Min(buffer.Length, Block.Length);
            Block.Span[..count].CopyTo(buffer);
            Block = Block[count..];
            WasAskedInVain |= count == 0 && buffer.Length > 0;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
