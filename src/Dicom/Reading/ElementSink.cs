using System.Buffers.Binary;
using System.Globalization;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Dicom.Reading;

/// <summary>
/// Builds the data set from what <see cref="DataSetParser"/> recognises: open sequences and items, values in memory, limits.
/// </summary>
internal sealed class ElementSink
{
    private const int FirstValueBytes = 256 << 10;

    /// <summary>The approximate memory cost of an element and of an item, without values.</summary>
    private const long ElementBytes = 112;
    private const long ItemBytes = 160;

    /// <summary>The last group of command sets (0000) and file meta information (0002).</summary>
    private const ushort LastMetaGroup = 0x0002;

    /// <summary>Elements that may be moved to insert late ones: enough for a few thousand in reverse order, and cheap.</summary>
    private const long MaxMoves = 50_000_000;

    private readonly DicomReaderOptions _options;
    private readonly IDataSetObserver? _observer;
    private readonly ValueArena _arena = new();
    private readonly Stack<ParserLevel> _levels = new();
    private readonly HashSet<DicomParseWarning> _warnings = [];
    private long _headerBytes;
    private int _itemCount;
    private int _depth;
    private long _moves;

    public ElementSink(TransferSyntax syntax, DicomReaderOptions options, IDataSetObserver? observer = null)
    {
        _options = options;
        _observer = observer;
        Level = new ParserLevel { Dataset = Root, IsExplicit = syntax.IsExplicitVR, IsBigEndian = syntax.IsBigEndian };
    }

    public DicomDataset Root { get; } = new();

    public ParserLevel Level { get; private set; }

    public bool IsTopLevel => _levels.Count == 0;

    public int ElementCount { get; private set; }

    /// <summary>Estimated bytes of memory that the data set takes so far; bytes of values count when they are announced.</summary>
    public long MemoryBytes => _headerBytes + (ElementCount * ElementBytes) + (_itemCount * ItemBytes);

    public PixelDataLocation? PixelData { get; private set; }

    public IReadOnlySet<DicomParseWarning> Warnings => _warnings;

    public void Warn(DicomParseWarning warning) => _warnings.Add(warning);

    /// <summary>Returns the header with the VR that its encoding left out (PS3.5 section 6.2.2 and annex A.1).</summary>
    /// <remarks>For UN that is the VR in the dictionary.</remarks>
    public ElementHeader ResolveVR(in ElementHeader header)
    {
        if (header.HasOddVR)
        {
            Warn(DicomParseWarning.UnknownVR);
        }

        if (header.VR == DicomVR.None)
        {
            DicomVR known = DictionaryVR(header.Tag);
            return header with { VR = header.IsUndefinedLength && known != DicomVR.OW && known != DicomVR.OB ? DicomVR.SQ : known };
        }

        if (header.VR != DicomVR.UN || header.Tag.IsPrivate || header.IsUndefinedLength)
        {
            return header;
        }

        DicomVR dictionary = DictionaryVR(header.Tag);
        return dictionary == DicomVR.SQ ? header : header with { VR = dictionary };
    }

    /// <summary>Returns whether the first bytes of a value must show if it holds items.</summary>
    /// <remarks>Its tag is that of a sequence, and its VR is UN or was not written.</remarks>
    /// <param name="header">The header with its VR.</param>
    /// <param name="isNamed">The encoding names the VR.</param>
    public bool MayBeSequence(in ElementHeader header, bool isNamed)
        => isNamed ? header.VR == DicomVR.UN && DicomDictionary.IsSequence(header.Tag) : header.VR == DicomVR.SQ;

    public bool IsBulk(in ElementHeader header)
    {
        if (IsTopLevel && header.Length > 0 && header.Tag.IsPixelData)
        {
            return true;
        }

        if (header.Tag == DicomTag.ExtendedOffsetTable || header.Tag == DicomTag.ExtendedOffsetTableLengths)
        {
            return header.Length > (long)_options.MaxFragments * sizeof(ulong);
        }

        ref readonly DicomVRTraits traits = ref header.VR.Traits();
        return traits.Kind == DicomValueKind.Bytes
            ? header.Length > _options.BulkThreshold
            : traits.AllowsBulkData && header.Length > _options.LongValueThreshold;
    }

    /// <summary>
    /// Returns memory for the beginning of an arriving value after checking its length; the rest is taken when its bytes arrive.
    /// </summary>
    public Memory<byte> TakeValue(in ElementHeader header, long offset)
    {
        _headerBytes += header.Length;
        if (_headerBytes > _options.MaxHeaderBytes)
        {
            throw Limit(header.Tag, offset, $"The values other than bulk data take more than {_options.MaxHeaderBytes} bytes");
        }

        return header.Length == 0 ? Memory<byte>.Empty : _arena.Take((int)Math.Min(header.Length, FirstValueBytes));
    }

    public void AddValue(in ElementHeader header, Memory<byte> value)
    {
        if (Level.IsBigEndian)
        {
            SwapUnits(value.Span, header.VR.Traits().UnitSize);
        }

        Add(new DicomElement(header.Tag, header.VR, value), 0);
    }

    public void AddBulk(in ElementHeader header, long offset)
    {
        if (IsTopLevel && header.Tag.IsPixelData && PixelData is null)
        {
            PixelData = new PixelDataLocation { Tag = header.Tag, Range = new ByteRange(offset, header.Length) };
        }

        Add(new DicomElement(header.Tag, header.VR, new BulkValue { Offset = offset, Length = header.Length }), offset);
    }

    public void AddEncapsulated(in ElementHeader header, PixelDataLocation location, bool lacksDelimiter)
    {
        if (IsTopLevel && header.Tag == DicomTag.PixelData && PixelData is null)
        {
            PixelData = location;
        }

        BulkValue bulk = new()
        {
            Offset = location.Range.Offset,
            Length = location.Range.Length,
            IsEncapsulated = true,
            LacksDelimiter = lacksDelimiter
        };
        Add(new DicomElement(header.Tag, header.VR is DicomVR.SQ or DicomVR.UN ? DicomVR.OB : header.VR, bulk), location.Range.Offset);
    }

    public void OpenSequence(DicomTag tag, long end, bool isExplicit, bool isBigEndian, long offset)
    {
        if (++_depth > _options.MaxDepth)
        {
            throw Limit(tag, offset, $"Sequences are nested more than {_options.MaxDepth} deep");
        }

        List<DicomDataset> items = [];
        Add(new DicomElement(tag, items), offset);
        _observer?.BeginSequence(tag);
        Push(new ParserLevel
        {
            Dataset = Level.Dataset,
            Items = items,
            Tag = tag,
            End = end,
            IsExplicit = isExplicit,
            IsBigEndian = isBigEndian
        });
    }

    public void OpenItem(long end, long offset)
    {
        if (++_itemCount > _options.MaxItems)
        {
            throw Limit(Level.Tag, offset, $"There are more than {_options.MaxItems} sequence items");
        }

        DicomDataset item = new(Level.Dataset);
        Level.ItemCount++;
        if (_observer is null)
        {
            Level.Items!.Add(item);
        }

        _observer?.BeginItem();
        Push(new ParserLevel { Dataset = item, End = end, IsExplicit = Level.IsExplicit, IsBigEndian = Level.IsBigEndian });
    }

    public void CloseItem()
    {
        _observer?.EndItem();
        Level = _levels.Pop();
    }

    public void CloseSequence()
    {
        _observer?.EndSequence();
        _depth--;
        Level = _levels.Pop();
    }

    /// <summary>Closes all levels whose defined length is used up.</summary>
    public void CloseEnded(long offset)
    {
        while (Level.End >= 0 && offset >= Level.End)
        {
            if (offset > Level.End)
            {
                throw new DicomParseException(
                    DicomParseError.BadLength,
                    "The content of an item or sequence is longer than its length says",
                    PathTo(Level.Tag),
                    offset);
            }

            if (Level.IsSequence)
            {
                CloseSequence();
            }
            else
            {
                CloseItem();
            }
        }
    }

    /// <summary>Returns the tags and 0-based item numbers from the root to an element of the current level.</summary>
    public string PathTo(DicomTag tag)
    {
        IEnumerable<string> parts = _levels.Reverse().Append(Level).Where(level => level.IsSequence)
            .Select(level => $"{level.Tag.ToHex()}/{Math.Max(0, level.ItemCount - 1).ToString(CultureInfo.InvariantCulture)}").TakeLast(8);
        return string.Join('/', parts.Append(tag.ToHex()));
    }

    private static void SwapUnits(Span<byte> value, int unit)
    {
        for (int start = 0; unit > 1 && start + unit <= value.Length; start += unit)
        {
            value.Slice(start, unit).Reverse();
        }
    }

    private void Add(DicomElement element, long offset)
    {
        if (++ElementCount > _options.MaxElements)
        {
            throw Limit(element.Tag, offset, $"The data set has more than {_options.MaxElements} elements");
        }

        if (element.Tag.Group <= LastMetaGroup)
        {
            Warn(DicomParseWarning.MetaInDataSet);
        }

        if (_observer is not null)
        {
            Show(element);
            return;
        }

        IReadOnlyList<DicomElement> elements = Level.Dataset.Elements;
        if (elements.Count > 0 && elements[^1].Tag.Value > element.Tag.Value)
        {
            Warn(DicomParseWarning.ElementOrder);
            _moves += elements.Count;
            if (_moves > MaxMoves)
            {
                throw Limit(element.Tag, offset, "Too many elements are not in the ascending order of their tags");
            }
        }

        if (!Level.Dataset.TryAdd(element))
        {
            Warn(DicomParseWarning.DuplicateElement);
        }
    }

    /// <summary>Passes an element on; the parser keeps only Pixel Representation, which decides the VR of others.</summary>
    private void Show(DicomElement element)
    {
        if (Level.LastTag is { } last && last.Value >= element.Tag.Value)
        {
            Warn(last == element.Tag ? DicomParseWarning.DuplicateElement : DicomParseWarning.ElementOrder);
        }

        Level.LastTag = element.Tag;
        if (element.Tag == DicomTag.PixelRepresentation)
        {
            Level.Dataset.TryAdd(element);
        }

        if (element.Items is null)
        {
            _observer!.Element(element);
        }
    }

    private void Push(ParserLevel level)
    {
        _levels.Push(Level);
        Level = level;
    }

    /// <summary>Returns the VR in the dictionary.</summary>
    /// <remarks>If PS3.6 allows US or SS, Pixel Representation (0028,0103) of the nearest data set decides.</remarks>
    private DicomVR DictionaryVR(DicomTag tag)
    {
        DicomVR vr = DicomDictionary.VROf(tag);
        return vr == DicomVR.US && IsSigned() && DicomDictionary.TryGet(tag, out DicomDictionaryEntry? entry) && entry.IsAmbiguous
            ? DicomVR.SS
            : vr;
    }

    private bool IsSigned()
    {
        for (DicomDataset? dataset = Level.Dataset; dataset is not null; dataset = dataset.Parent)
        {
            if (dataset.TryGet(DicomTag.PixelRepresentation, out DicomElement? element) && element.Value.Length >= 2)
            {
                return BinaryPrimitives.ReadUInt16LittleEndian(element.Value.Span) == 1;
            }
        }

        return false;
    }

    private DicomParseException Limit(DicomTag tag, long offset, string detail)
        => new(DicomParseError.LimitExceeded, detail, PathTo(tag), offset);
}

/// <summary>
/// An open sequence or item while a data set is read; the levels form an explicit stack, so that nesting uses no call stack.
/// </summary>
internal sealed class ParserLevel
{
    /// <summary>The data set that elements of this level go to; in a sequence, the one that holds the sequence.</summary>
    public required DicomDataset Dataset { get; init; }

    /// <summary>The items so far when this level is a sequence, else null.</summary>
    public List<DicomDataset>? Items { get; init; }

    /// <summary>How many items the sequence has had.</summary>
    public int ItemCount { get; set; }

    /// <summary>The last element of an item whose elements are handed on.</summary>
    public DicomTag? LastTag { get; set; }

    /// <summary>The tag of the sequence.</summary>
    public DicomTag Tag { get; init; }

    /// <summary>Offset of the end of a defined length; -1 if a delimiter ends the level.</summary>
    public long End { get; init; } = -1;

    public required bool IsExplicit { get; init; }

    public required bool IsBigEndian { get; init; }

    public bool IsSequence => Items is not null;
}

/// <summary>Provides memory for the values of one data set in a few large pieces instead of one array for each value.</summary>
internal sealed class ValueArena
{
    private const int FirstPiece = 4 << 10;
    private const int LargestPiece = 64 << 10;

    private byte[] _piece = [];
    private int _used;

    public Memory<byte> Take(int length)
    {
        if (_piece.Length - _used < length)
        {
            if (length > LargestPiece / 4)
            {
                return new byte[length];
            }

            _piece = new byte[Math.Max(length, _piece.Length == 0 ? FirstPiece : Math.Min(_piece.Length * 2, LargestPiece))];
            _used = 0;
        }

        Memory<byte> memory = _piece.AsMemory(_used, length);
        _used += length;
        return memory;
    }
}
