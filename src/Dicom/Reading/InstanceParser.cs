using System.Security.Cryptography;
using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Dicom.Reading;

/// <summary>
/// Reads an instance, a Part 10 file or a bare data set, from blocks as they arrive, and returns which bytes are the data set.
/// </summary>
/// <remarks>
/// One forward pass yields the header, the place of every bulk value and frame, and the hash. Not safe for several threads.
/// </remarks>
public sealed class InstanceParser : IDisposable
{
    private readonly DicomReaderOptions _options;
    private readonly string? _dataSetSyntax;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _held = [];
    private int _heldLength;
    private int _nextTry;
    private DataSetParser? _parser;
    private DataSetInflater? _inflater;
    private long _dataSetLength;

    /// <param name="options">Limits.</param>
    /// <param name="dataSetSyntax">The transfer syntax UID of a bare data set, as in a C-STORE; null if the bytes contain it.</param>
    public InstanceParser(DicomReaderOptions options, string? dataSetSyntax = null)
    {
        _options = options;
        _dataSetSyntax = dataSetSyntax;
    }

    /// <summary>The part before the data set; null until enough bytes have arrived.</summary>
    public Part10Head? Head { get; private set; }

    /// <summary>The data set as far as it is read; null while <see cref="Head"/> is null.</summary>
    public DicomDataset? Dataset => _parser?.Dataset;

    /// <summary>Estimated bytes of memory that the data set takes so far; bytes of values count when they are announced.</summary>
    public long MemoryBytes => _parser?.MemoryBytes ?? _heldLength;

    /// <summary>Takes the next bytes and returns those that belong to the data set; they stay valid as long as the block does.</summary>
    /// <exception cref="DicomParseException">The bytes are no DICOM, or a limit is reached.</exception>
    public DataSetBytes Feed(ReadOnlyMemory<byte> block)
    {
        if (Head is not null)
        {
            FeedDataSet(block);
            return new DataSetBytes(default, block);
        }

        if (_heldLength == 0 && TryReadHead(block.Span, isWhole: false, out Part10Head head))
        {
            return Begin(head, block);
        }

        Hold(block.Span);
        if (_heldLength < _nextTry)
        {
            return default;
        }

        // Each try reads the head from its start: growing distances between tries keep the cost of tiny blocks from being quadratic.
        _nextTry = _heldLength + (_heldLength / 4);
        return TryReadHead(_held.AsSpan(0, _heldLength), isWhole: false, out head) ? Begin(head, _held.AsMemory(0, _heldLength)) : default;
    }

    /// <summary>Ends a file that is too short for its head to be recognised before; returns the remaining data set bytes.</summary>
    public DataSetBytes FinishHead()
    {
        if (Head is not null)
        {
            return default;
        }

        return TryReadHead(_held.AsSpan(0, _heldLength), isWhole: true, out Part10Head head)
            ? Begin(head, _held.AsMemory(0, _heldLength))
            : throw new DicomParseException(DicomParseError.Truncated, "The file ends before its data set", "", _heldLength);
    }

    /// <summary>Ends the instance; <see cref="FinishHead"/> must have been called.</summary>
    /// <exception cref="DicomParseException">The bytes end within an element.</exception>
    public ParsedInstance Complete()
    {
        _inflater?.Complete();
        _parser!.Complete();
        HashSet<DicomParseWarning> warnings = [.. Head!.Warnings, .. _parser.Warnings];
        if (_inflater is { IsZlib: true })
        {
            warnings.Add(DicomParseWarning.ZlibWrapped);
        }

        FrameIndex? frames = FrameIndexBuilder.Build(_parser.Dataset, _parser.PixelData, Head.TransferSyntax);
        Check(frames, warnings);
        return new ParsedInstance
        {
            Meta = Head.Meta,
            TransferSyntax = Head.TransferSyntax,
            Dataset = _parser.Dataset,
            MemoryBytes = MemoryBytes,
            Frames = frames,
            DataSetLength = _dataSetLength,
            Hash = _hash.GetHashAndReset(),
            Warnings = warnings,
        };
    }

    public void Dispose()
    {
        _hash.Dispose();
        _inflater?.Dispose();
    }

    private bool TryReadHead(ReadOnlySpan<byte> bytes, bool isWhole, out Part10Head head)
        => _dataSetSyntax is null
            ? Part10HeadReader.TryRead(bytes, isWhole, _options, out head)
            : Part10HeadReader.TryReadBare(bytes, isWhole, _dataSetSyntax, _options, out head);

    private DataSetBytes Begin(Part10Head head, ReadOnlyMemory<byte> bytes)
    {
        Head = head;
        _parser = new DataSetParser(head.TransferSyntax, _options);
        _inflater = head.TransferSyntax.IsDeflated ? new DataSetInflater(_parser, _options) : null;
        _hash.AppendData(Encoding.ASCII.GetBytes(head.TransferSyntax.Uid));
        ReadOnlyMemory<byte> dataSet = bytes[head.DataSetOffset..];
        FeedDataSet(dataSet);
        return new DataSetBytes(dataSet, default);
    }

    private void FeedDataSet(ReadOnlyMemory<byte> bytes)
    {
        _hash.AppendData(bytes.Span);
        _dataSetLength += bytes.Length;
        if (_inflater is null)
        {
            _parser!.Feed(bytes.Span);
        }
        else
        {
            _inflater.Feed(bytes);
        }
    }

    private void Hold(ReadOnlySpan<byte> block)
    {
        if (_heldLength > _options.MaxFileMetaBytes * 2)
        {
            throw new DicomParseException(
                DicomParseError.LimitExceeded, $"The file meta information takes more than {_options.MaxFileMetaBytes} bytes", "", 0);
        }

        if (_held.Length < _heldLength + block.Length)
        {
            Array.Resize(ref _held, Math.Max(_heldLength + block.Length, _held.Length * 2));
        }

        block.CopyTo(_held.AsSpan(_heldLength));
        _heldLength += block.Length;
    }

    private void Check(FrameIndex? frames, HashSet<DicomParseWarning> warnings)
    {
        if (_parser!.PixelData is null)
        {
            return;
        }

        if (_parser.PixelData.Tag == DicomTag.PixelData && Head!.TransferSyntax.Contradicts(_parser.PixelData.IsEncapsulated))
        {
            warnings.Add(DicomParseWarning.PixelDataMismatch);
        }

        int announced = FrameIndexBuilder.AnnouncedFrames(_parser.Dataset);
        bool isShort = !_parser.PixelData.IsEncapsulated && (frames is null || frames.Count < announced);
        if (isShort)
        {
            warnings.Add(DicomParseWarning.ShortPixelData);
        }
        else if (frames is null)
        {
            warnings.Add(DicomParseWarning.UnresolvedFrames);
        }

        if (warnings.Contains(DicomParseWarning.MissingDelimiter) && (frames is null || _parser.PixelData.Fragments.Count < announced))
        {
            throw new DicomParseException(
                DicomParseError.Truncated,
                "Encapsulated pixel data ends before its frames do; send the whole file",
                DicomTag.PixelData.ToHex(),
                _parser.Offset);
        }
    }
}

/// <summary>The data set bytes found with a block, in order: those held back until the head was read, then those of the block.</summary>
public readonly record struct DataSetBytes(ReadOnlyMemory<byte> Held, ReadOnlyMemory<byte> Block);

/// <summary>The result of one forward pass over an instance.</summary>
public sealed record ParsedInstance
{
    public required FileMeta Meta { get; init; }

    public required TransferSyntax TransferSyntax { get; init; }

    /// <summary>The data set without bulk values.</summary>
    public required DicomDataset Dataset { get; init; }

    /// <summary>Estimated bytes of memory that the data set takes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>The places of the frames; null if there are none or they are unknown.</summary>
    public required FrameIndex? Frames { get; init; }

    /// <summary>Bytes of the data set as encoded (deflated where it is).</summary>
    public required long DataSetLength { get; init; }

    /// <summary>SHA-256 over the transfer syntax UID in ASCII and the data set bytes as encoded.</summary>
    public required ReadOnlyMemory<byte> Hash { get; init; }

    public required IReadOnlySet<DicomParseWarning> Warnings { get; init; }
}
