using System.Buffers;
using System.IO.Compression;
using System.Text.Json;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Json;

/// <summary>
/// Reads metadata as <see cref="DicomJsonMetadata"/> compresses it, element by element: memory holds one element at a time, however large
/// the data set is. The order is that of the text, which is ascending. Not safe for several threads.
/// </summary>
/// <param name="compressed">Raw deflate of one DICOM JSON object of <see cref="DicomJsonWriter"/>; the caller disposes it.</param>
/// <param name="bulkBase">What to put in front of each BulkDataURI.</param>
/// <param name="cover">
/// Called with the bytes that are needed before memory beyond the first block is taken; throws where there is none.
/// </param>
public sealed class MetadataReader(Stream compressed, string bulkBase, Func<long, CancellationToken, ValueTask>? cover = null) : IDisposable
{
    private const int FirstBlock = 16 << 10;
    private const int MaxDepth = 4096;

    /// <summary>What is in the block goes into a value, and from there into the answer.</summary>
    private const int Copies = 3;

    private readonly DeflateStream _json = new(compressed, CompressionMode.Decompress, leaveOpen: true);
    private readonly MetadataTokens _tokens = new(bulkBase);
    private byte[] _block = ArrayPool<byte>.Shared.Rent(FirstBlock);
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = MaxDepth });
    private long _kept;
    private int _start;
    private int _end;
    private bool _isLast;

    public MetadataToken Token => _tokens.Token;

    /// <summary>
    /// The element, where <see cref="Token"/> is one, with a value that is valid until the next token; the sequence without its items,
    /// where it begins or ends.
    /// </summary>
    public DicomElement Element => _tokens.Element;

    /// <summary>The data set that the element belongs to, of which only the private creators are kept.</summary>
    public DicomDataset Owner => _tokens.Owner;

    /// <summary>0 for elements of the data set itself, 1 for those of its items.</summary>
    public int Depth => _tokens.Depth;

    /// <summary>Passes over elements of the data set itself for which this is false, without collecting their values.</summary>
    public Predicate<DicomTag>? Wanted
    {
        get => _tokens.Wanted;
        init => _tokens.Wanted = value;
    }

    /// <summary>Covers bytes that the caller keeps of what was read.</summary>
    internal ValueTask KeepAsync(long bytes, CancellationToken cancellationToken)
    {
        _kept += bytes;
        return CoverAsync(_block.Length, cancellationToken);
    }

    /// <summary>Goes on to the next token; false at the end.</summary>
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

    public void Dispose()
    {
        _json.Dispose();
        _tokens.Dispose();
        ValueBuffer.Return(_block);
        _block = [];
    }

    internal static InvalidDataException Corrupt() => new("The stored metadata cannot be read: rebuild it from the object.");

    /// <summary>Reads what is in the block; false when a token is finished by bytes that have not come.</summary>
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
            // The message of the fault may hold a character of the text.
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

/// <summary>What <see cref="MetadataReader"/> stands on.</summary>
public enum MetadataToken
{
    /// <summary>An element other than a sequence with items.</summary>
    Element,

    BeginSequence,
    BeginItem,
    EndItem,
    EndSequence,
}
