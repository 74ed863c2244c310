using System.IO.Compression;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Ingest;

/// <summary>The data set of a stored object with access to its bulk values, in the order in which they are stored.</summary>
internal sealed class StoredDataSet : IAsyncDisposable
{
    private const int SkipBlock = 64 << 10;

    private readonly IObjectStore _objects;
    private readonly InstanceState _state;
    private readonly TransferSyntax _syntax;
    private DeflateStream? _inflated;
    private long _inflatedPosition;

    private StoredDataSet(IObjectStore objects, InstanceState state, TransferSyntax syntax, DicomDataset root)
    {
        _objects = objects;
        _state = state;
        _syntax = syntax;
        Root = root;
    }

    public DicomDataset Root { get; }

    public static async Task<StoredDataSet> OpenAsync(
        IObjectStore objects, InstanceState state, DicomReaderOptions options, Func<long, CancellationToken, ValueTask> cover, CancellationToken cancellationToken)
    {
        TransferSyntax syntax = TransferSyntax.FromUid(state.TransferSyntaxUid);
        await using Stream stream = await objects.OpenReadAsync(state.Object, state.DataSetOffset, long.MaxValue, cancellationToken);
        return new StoredDataSet(objects, state, syntax, await StreamDataSetReader.ReadAsync(stream, syntax, options, cover, cancellationToken));
    }

    /// <summary>The value of an element; null where it cannot be compared: fragments, or a deflated value before one that was read.</summary>
    public async Task<ElementContent?> OpenContentAsync(DicomElement element, CancellationToken cancellationToken)
    {
        if (element.Bulk is not { } bulk)
        {
            return new ElementContent(new MemoryStream(element.Value.ToArray(), writable: false), element.Value.Length, 1);
        }

        if (bulk.IsEncapsulated || bulk.Uri is not null)
        {
            return null;
        }

        int unit = _syntax.IsBigEndian ? element.VR.Traits().UnitSize : 1;
        if (!_syntax.IsDeflated)
        {
            Stream stream = await _objects.OpenReadAsync(_state.Object, _state.DataSetOffset + bulk.Offset, bulk.Length, cancellationToken);
            return new ElementContent(stream, bulk.Length, unit);
        }

        if (bulk.Offset < _inflatedPosition)
        {
            return null;
        }

        await InflateToAsync(bulk.Offset, cancellationToken);
        _inflatedPosition = bulk.Offset + bulk.Length;
        return new ElementContent(_inflated!, bulk.Length, unit, leaveOpen: true);
    }

    public ValueTask DisposeAsync() => _inflated?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task InflateToAsync(long offset, CancellationToken cancellationToken)
    {
        _inflated ??= await DeflatedBytes.OpenAsync(await _objects.OpenReadAsync(_state.Object, _state.DataSetOffset, long.MaxValue, cancellationToken), cancellationToken);
        byte[] skipped = new byte[Math.Min(SkipBlock, Math.Max(1, offset - _inflatedPosition))];
        while (_inflatedPosition < offset)
        {
            int count = (int)Math.Min(skipped.Length, offset - _inflatedPosition);
            await _inflated.ReadExactlyAsync(skipped.AsMemory(0, count), cancellationToken);
            _inflatedPosition += count;
        }
    }
}
