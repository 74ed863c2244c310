using System.IO.Compression;

namespace ImagingIngestion.Dicom.Reading;

/// <summary>
/// Inflates data sets of the deflated transfer syntaxes: raw deflate as PS3.5 section A.5 wants it, or, as some writers do it, within the
/// headers of zlib.
/// </summary>
public static class DeflatedBytes
{
    /// <summary>So many bytes tell one from the other.</summary>
    internal const int StartSize = 5;

    private const int ZlibHeaderSize = 2;

    /// <summary>Opens the inflated bytes; disposing them disposes the stream, and so does a failure.</summary>
    /// <param name="deflated">Stands at the first byte.</param>
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

    /// <summary>Bytes of zlib headers before the raw stream, 0 for none.</summary>
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

    /// <summary>Bytes that were read already, then the rest of their stream.</summary>
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
