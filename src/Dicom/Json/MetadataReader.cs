using System.Buffers;
using System.IO.Compression;
using System.Text.Json;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Json;

/// <summary>Reads metadata that <see cref="DicomJsonMetadata"/> compressed, element by element in ascending order of tag.</summary>
/// <remarks>Memory holds one element at a time, however large the data set is. Not safe for several threads.</remarks>
/// <param name="compressed">Raw deflate of one DICOM JSON object of <see cref="DicomJsonWriter"/>; the caller disposes it.</param>
/// <param name="bulkBase">The prefix of each BulkDataURI.</param>
/// <param name="cover">Called with the bytes needed before memory beyond the first block is taken; throws if there are none left.</param>
public sealed class MetadataReader(Stream compressed, string bulkBase, Func<long, CancellationToken, ValueTask>? cover = null) : IDisposable
{
    private const int FirstBlock = 16 << 10;
    private const int MaxDepth = 4096;

    /// <summary>The content of the block is copied to a value, and from there to the answer.</summary>
    private const int Copies = 3;

    /// <summary>What an element and an item that are kept cost in memory beside values, roughly.</summary>
    private const long ElementBytes = 112;
    private const long ItemBytes = 160;

    /// <summary>A value that is kept is encoded again for the answer.</summary>
    private const int KeptCopies = 2;

    private readonly DeflateStream _json = new(compressed, CompressionMode.Decompress, leaveOpen: true);
    private readonly MetadataTokens _tokens = new(bulkBase);
    private byte[] _block = ArrayPool<byte>.Shared.Rent(FirstBlock);
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = MaxDepth });
    private long _kept;
    private int _start;
    private int _end;
    private bool _isLast;

    public MetadataToken Token => _tokens.Token;

    /// <summary>The element of the token; its value is valid until the next token.</summary>
    /// <remarks>If a sequence begins or ends, it is the sequence without its items.</remarks>
    public DicomElement Element => _tokens.Element;

    /// <summary>The data set that the element belongs to; only its private creators are kept.</summary>
    public DicomDataset Owner => _tokens.Owner;

    /// <summary>0 for elements of the data set itself, 1 for those of its items.</summary>
    public int Depth => _tokens.Depth;

    /// <summary>If set, skips elements of the data set itself for which it returns false, without collecting their values.</summary>
    public Predicate<DicomTag>? Wanted
    {
        get => _tokens.Wanted;
        init => _tokens.Wanted = value;
    }

    /// <summary>Advances to the next token; returns false at the end.</summary>
    /// <exception cref="InvalidDataException">The bytes are no complete metadata.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        while (!_tokens.IsFinished)
        {
            if (Advance())
            {
                return true;
            }

            if (!_tokens.IsFinished)
            {
                await FillAsync(cancellationToken);
            }
        }

        return false;
    }

    /// <summary>Returns the elements that the reader wants as a data set of its own.</summary>
    /// <exception cref="InvalidDataException">The bytes are no complete metadata.</exception>
    public async Task<DicomDataset> ReadAllAsync(CancellationToken cancellationToken)
    {
        DicomDataset dataset = new() { CharacterSet = SpecificCharacterSet.Utf8 };
        Stack<(DicomDataset Owner, List<DicomDataset> Items)> sequences = new();
        while (await ReadAsync(cancellationToken))
        {
            DicomElement element = Element;
            switch (Token)
            {
                case MetadataToken.Element:
                    await KeepAsync(ElementBytes + (KeptCopies * element.Value.Length), cancellationToken);
                    dataset.TryAdd(element.Bulk is not null || element.Items is not null
                        ? element
                        : new DicomElement(element.Tag, element.VR, element.Value.ToArray()));
                    break;
                case MetadataToken.BeginSequence:
                    sequences.Push((dataset, []));
                    break;
                case MetadataToken.BeginItem:
                    await KeepAsync(ItemBytes, cancellationToken);
                    dataset = new DicomDataset(sequences.Peek().Owner) { CharacterSet = SpecificCharacterSet.Utf8 };
                    sequences.Peek().Items.Add(dataset);
                    break;
                case MetadataToken.EndSequence:
                    (dataset, List<DicomDataset> items) = sequences.Pop();
                    dataset.TryAdd(new DicomElement(element.Tag, items));
                    break;
            }
        }

        return dataset;
    }

    public void Dispose()
    {
        _json.Dispose();
        _tokens.Dispose();
        ValueBuffer.Return(_block);
        _block = [];
    }

    internal static InvalidDataException Corrupt() => new("The stored metadata cannot be read: rebuild it from the object.");

    /// <summary>Covers bytes that the caller keeps of what was read.</summary>
    private ValueTask KeepAsync(long bytes, CancellationToken cancellationToken)
    {
        _kept += bytes;
        return CoverAsync(_block.Length, cancellationToken);
    }

    /// <summary>Reads the block; returns false if more bytes are needed to finish a token.</summary>
    private bool Advance()
    {
        Utf8JsonReader json = new(_block.AsSpan(_start, _end - _start), _isLast, _state);
        try
        {
            bool hasToken = false;
            while (!hasToken && !_tokens.IsFinished && json.Read())
            {
                hasToken = _tokens.Take(ref json);
            }

            _start += (int)json.BytesConsumed;
            _state = json.CurrentState;
            return hasToken;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // The message of the exception may contain a character of the text.
            throw Corrupt();
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_isLast)
        {
            throw Corrupt();
        }

        _block.AsSpan(_start, _end - _start).CopyTo(_block);
        (_start, _end) = (0, _end - _start);
        bool isFull = _end == _block.Length;
        int size = isFull ? checked(_block.Length * 2) : _block.Length;
        await CoverAsync(size, cancellationToken);
        if (isFull)
        {
            _block = ValueBuffer.Grow(_block, _end, size);
        }

        int count = await _json.ReadAsync(_block.AsMemory(_end), cancellationToken);
        _isLast = count == 0;
        _end += count;
    }

    private ValueTask CoverAsync(long block, CancellationToken cancellationToken)
        => cover?.Invoke((Copies * block) + _tokens.HeldBytes + _kept, cancellationToken) ?? ValueTask.CompletedTask;
}

/// <summary>The position of a <see cref="MetadataReader"/>.</summary>
public enum MetadataToken
{
    /// <summary>An element other than a sequence with items.</summary>
    Element,

    BeginSequence,
    BeginItem,
    EndItem,
    EndSequence,
}
