using ImagingIngestion.Dicom;
using ImagingIngestion.Grains;

namespace ImagingIngestion.Gateways;

/// <summary>
/// The data set bytes of a stored instance by range. Of a deflated object the ranges count in the inflated stream, which is kept open so that
/// ranges in ascending order inflate it once. One stream is open at a time.
/// </summary>
/// <param name="objects">Where the instance is.</param>
/// <param name="instance">The row.</param>
/// <param name="encoding">How its data set is encoded.</param>
internal sealed class InstanceBytes(IObjectStore objects, InstanceState instance, StoredEncoding encoding) : IAsyncDisposable
{
    private Stream? _current;

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

        await DisposeAsync();
        return _current = await objects.OpenReadAsync(instance.Object, instance.DataSetOffset + offset, length, cancellationToken);
    }

    /// <summary>Part of a value in little endian. The stream is valid until the next call.</summary>
    /// <param name="value">The value field, at whose start its first unit lies.</param>
    /// <param name="vr">Tells which bytes swap together.</param>
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

    /// <summary>Closes what is open; the next call opens anew.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_current is { } stream)
        {
            _current = null;
            await stream.DisposeAsync();
        }
    }

    private async Task<Stream> OpenInflatedAsync(long offset, CancellationToken cancellationToken)
    {
        if (_current is not InflatedStream inflated || inflated.Position > offset)
        {
            await DisposeAsync();
            Stream stored = await objects.OpenReadAsync(instance.Object, instance.DataSetOffset, StoredLength, cancellationToken);
            _current = inflated = new InflatedStream(await DeflatedBytes.OpenAsync(stored, cancellationToken));
        }

        await StreamCopy.SkipAsync(inflated, offset - inflated.Position, cancellationToken);
        return inflated;
    }
}
