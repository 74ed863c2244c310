using System.Buffers;
using System.IO.Compression;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>Reads the data set bytes of a stored instance by range.</summary>
/// <remarks>
/// The ranges of a deflated object count in the inflated stream, which is kept open so that ranges in ascending order inflate it once. One
/// stream is open at a time.
/// </remarks>
/// <param name="objects">Where the objects are.</param>
/// <param name="instance">The row.</param>
/// <param name="encoding">How its data set is encoded.</param>
/// <param name="isWhole">
/// The whole object is verified while its ranges are read in ascending order; false where only some of it is read.
/// </param>
internal sealed class InstanceBytes(VerifiedObjects objects, InstanceState instance, StoredEncoding encoding, bool isWhole = false)
    : IAsyncDisposable
{
    private readonly bool _isVerified = isWhole && instance.ObjectChecksum is not null;
    private Stream? _current;
    private Stream? _whole;

    public TransferSyntax Syntax { get; } = encoding.Apply(instance.TransferSyntaxUid);

    /// <summary>Bytes of the data set as stored.</summary>
    public long StoredLength => instance.ObjectLength - instance.DataSetOffset;

    /// <summary>The bytes as stored, from an offset. The stream is valid until the next call.</summary>
    public async Task<Stream> OpenAsync(long offset, long length, CancellationToken cancellationToken)
    {
        if (Syntax.IsDeflated)
        {
            return await OpenInflatedAsync(offset, cancellationToken);
        }

        await CloseAsync(cancellationToken);
        return _current = await TryOpenInWholeAsync(offset, length, cancellationToken)
            ?? await objects.OpenRangeAsync(instance, instance.DataSetOffset + offset, length, cancellationToken);
    }

    /// <summary>Part of a value in little endian. The stream is valid until the next call.</summary>
    /// <param name="value">The value field, at whose start its first unit lies.</param>
    /// <param name="vr">Decides which bytes swap together.</param>
    /// <param name="offset">From the start of the value field.</param>
    /// <param name="length">Bytes to be read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Stream> OpenValueAsync(ByteRange value, DicomVR vr, long offset, long length, CancellationToken cancellationToken)
    {
        int unit = vr.Traits().UnitSize;
        if (!Syntax.IsBigEndian || unit == 1)
        {
            return await OpenAsync(value.Offset + offset, length, cancellationToken);
        }

        long before = offset % unit;
        long aligned = Math.Min(value.Length - offset + before, (before + length + unit - 1) / unit * unit);
        Stream stored = await OpenAsync(value.Offset + offset - before, aligned, cancellationToken);
        _current = new ByteSwapStream(stored, unit);
        await StreamCopy.SkipAsync(_current, before, cancellationToken);
        return _current;
    }

    /// <summary>
    /// Reads what no range has read, where the object is verified; what was made of the ranges may be used only after this.
    /// </summary>
    /// <exception cref="ObjectDamagedException">The bytes of the object are not those that were stored.</exception>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        if (_isVerified)
        {
            Stream whole = await OpenWholeAsync(cancellationToken);
            await StreamCopy.SkipAsync(whole, instance.ObjectLength - whole.Position, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync(CancellationToken.None);
        if (_whole is { } whole)
        {
            _whole = null;
            await whole.DisposeAsync();
        }
    }

    private async ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_current is { } stream)
        {
            _current = null;
            await stream.DisposeAsync();
        }
    }

    private async Task<Stream> OpenWholeAsync(CancellationToken cancellationToken)
        => _whole ??= await objects.OpenDataSetAsync(instance, cancellationToken);

    /// <summary>Null if nothing is verified, and for a range before one that was read.</summary>
    private async Task<Stream?> TryOpenInWholeAsync(long offset, long length, CancellationToken cancellationToken)
    {
        if (!_isVerified)
        {
            return null;
        }

        Stream whole = await OpenWholeAsync(cancellationToken);
        long gap = instance.DataSetOffset + offset - whole.Position;
        if (gap < 0)
        {
            return null;
        }

        await StreamCopy.SkipAsync(whole, gap, cancellationToken);
        return new PieceStream(whole, length);
    }

    private async Task<Stream> OpenInflatedAsync(long offset, CancellationToken cancellationToken)
    {
        if (_current is not InflatedStream inflated || inflated.Position > offset)
        {
            await CloseAsync(cancellationToken);
            Stream stored = await TryOpenInWholeAsync(0, StoredLength, cancellationToken)
                ?? await objects.OpenRangeAsync(instance, instance.DataSetOffset, StoredLength, cancellationToken);
            _current = inflated = new InflatedStream(await DeflatedBytes.OpenAsync(stored, cancellationToken));
        }

        await StreamCopy.SkipAsync(inflated, offset - inflated.Position, cancellationToken);
        return inflated;
    }
}

/// <summary>The next bytes of a stream that goes on behind them, and stays open.</summary>
internal sealed class PieceStream(Stream inner, long length) : ForwardStream
{
    private long _left = length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        _left -= count;
        return count;
    }
}

/// <summary>An inflating stream that knows how far it has been read.</summary>
internal sealed class InflatedStream(DeflateStream inner) : ForwardStream
{
    private long _position;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await inner.ReadAsync(buffer, cancellationToken);
        _position += count;
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }
}

/// <summary>
/// Reads a big endian value as little endian: each unit of 2, 4 or 8 bytes is reversed (PS3.5 section 7.3). The inner stream stands at the
/// start of a unit.
/// </summary>
internal sealed class ByteSwapStream(Stream inner, int unit) : ForwardStream
{
    private readonly byte[] _block = ArrayPool<byte>.Shared.Rent(64 << 10);
    private int _position;
    private int _length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == _length)
        {
            int whole = _block.Length / unit * unit;
            _length = await inner.ReadAtLeastAsync(_block.AsMemory(0, whole), whole, throwOnEndOfStream: false, cancellationToken);
            _position = 0;
            for (int start = 0; start + unit <= _length; start += unit)
            {
                _block.AsSpan(start, unit).Reverse();
            }
        }

        int count = Math.Min(buffer.Length, _length - _position);
        _block.AsSpan(_position, count).CopyTo(buffer.Span);
        _position += count;
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        ArrayPool<byte>.Shared.Return(_block);
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }
}
