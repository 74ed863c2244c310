using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Dicom.Reading;

/// <summary>Reads a data set from blocks as they arrive, in one forward pass (PS3.5 section 7).</summary>
/// <remarks>
/// Memory holds the elements without bulk values and at most one unfinished header; nesting uses no call stack. Not safe for several
/// threads.
/// </remarks>
public sealed class DataSetParser
{
    private readonly DicomReaderOptions _options;
    private readonly ElementSink _sink;
    private readonly EncapsulatedReader _encapsulated;
    private readonly byte[] _carry = new byte[ElementHeader.MaxSize];
    private int _carried;
    private State _state = State.Header;
    private ElementHeader _header;
    private Memory<byte> _value;
    private long _remaining;
    private long _offset;

    /// <param name="syntax">How the data set is encoded.</param>
    /// <param name="options">Limits.</param>
    /// <param name="observer">Receives the elements; null to collect them in <see cref="Dataset"/>.</param>
    public DataSetParser(TransferSyntax syntax, DicomReaderOptions options, IDataSetObserver? observer = null)
    {
        _options = options;
        _sink = new ElementSink(syntax, options, observer);
        _encapsulated = new EncapsulatedReader(options, _sink);
    }

    private enum State
    {
        Header,
        Value,
        Bulk,
        UnknownProbe,
        Encapsulated,
        Trailing,
    }

    /// <summary>Bytes of the data set consumed so far.</summary>
    public long Offset => _offset;

    /// <summary>Estimated bytes of memory that the data set takes so far; bytes of values count when they are announced.</summary>
    public long MemoryBytes => _sink.MemoryBytes + _encapsulated.MemoryBytes;

    /// <summary>Bytes of the value that is being read; 0 between two of them.</summary>
    public long ValueBytes => _state == State.Value ? _header.Length : 0;

    /// <summary>The data set as far as it is read.</summary>
    public DicomDataset Dataset => _sink.Root;

    public IReadOnlySet<DicomParseWarning> Warnings => _sink.Warnings;

    /// <summary>
    /// Bytes that come next and belong to a bulk value; a caller that can seek may leave them out with <see cref="Skip"/>.
    /// </summary>
    public long Skippable => _state switch
    {
        State.Bulk => _remaining,
        State.Encapsulated => _encapsulated.Skippable,
        _ => 0,
    };

    internal PixelDataLocation? PixelData => _sink.PixelData;

    /// <summary>Takes the next bytes of the data set; the block may be reused afterwards.</summary>
    /// <exception cref="DicomParseException">
    /// The bytes are not a data set, or a limit is reached. The parser must not be used afterwards.
    /// </exception>
    public void Feed(ReadOnlySpan<byte> block)
    {
        while (!block.IsEmpty)
        {
            int used = _state switch
            {
                State.Header => ReadHeader(block),
                State.Value => ReadValue(block),
                State.Bulk => SkipBulk(Math.Min(block.Length, _remaining)),
                State.UnknownProbe => ProbeUnknown(block),
                State.Encapsulated => ReadEncapsulated(block),
                _ => SkipTrailing(block.Length),
            };
            block = block[used..];
        }
    }

    /// <summary>Skips bytes of a bulk value that the caller does not read; at most <see cref="Skippable"/>.</summary>
    public void Skip(long count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Skippable);
        if (_state == State.Encapsulated)
        {
            _encapsulated.Skip(count);
            _offset += count;
        }
        else if (_state == State.Bulk)
        {
            SkipBulk(count);
        }
    }

    /// <summary>Ends the data set.</summary>
    /// <exception cref="DicomParseException">The bytes end within an element.</exception>
    public void Complete()
    {
        if (_state == State.Encapsulated && _encapsulated.CanEndHere && _sink.IsTopLevel)
        {
            _sink.Warn(DicomParseWarning.MissingDelimiter);
            EndEncapsulated(lacksDelimiter: true);
        }

        bool isPadding = _state == State.Header && _sink.IsTopLevel && IsFiller(_carry.AsSpan(0, _carried));
        if (_state != State.Trailing && !isPadding)
        {
            throw Error(DicomParseError.Truncated, "The data set ends in the middle of an element; send the whole file");
        }

        if (isPadding && _carried > 0)
        {
            _sink.Warn(DicomParseWarning.TrailingBytes);
        }
    }

    private int ReadHeader(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<byte> bytes = block;
        int fresh = 0;
        if (_carried > 0 || block.Length < ElementHeader.MaxSize)
        {
            fresh = Math.Min(block.Length, (_carried < 8 ? 8 : ElementHeader.MaxSize) - _carried);
            block[..fresh].CopyTo(_carry.AsSpan(_carried));
            _carried += fresh;
            bytes = _carry.AsSpan(0, _carried);
        }

        if (bytes.Length < 8
            || !ElementHeader.TryRead(bytes, _sink.Level.IsExplicit && !_sink.Level.IsSequence, _sink.Level.IsBigEndian, out _header))
        {
            return fresh;
        }

        _carried = 0;
        _offset += _header.Size;
        if (_sink.IsTopLevel && _sink.ElementCount > 0 && IsFiller(bytes[..8]))
        {
            _sink.Warn(DicomParseWarning.TrailingBytes);
            _state = State.Trailing;
        }
        else
        {
            Begin();
        }

        return fresh > 0 ? fresh : _header.Size;
    }

    /// <summary>Decides what follows a header.</summary>
    private void Begin()
    {
        ParserLevel level = _sink.Level;
        if (_header.Tag.Group == 0xFFFE || level.IsSequence)
        {
            BeginItemOrDelimiter(level);
            return;
        }

        if (!_header.IsUndefinedLength && level.End >= 0 && _offset + _header.Length > level.End)
        {
            throw Error(DicomParseError.BadLength, "A value is longer than the item that holds it");
        }

        bool isNamed = _header.VR != DicomVR.None;
        _header = _sink.ResolveVR(_header);
        if (_header.IsUndefinedLength)
        {
            BeginUndefinedLength();
        }
        else if (_header.Length > 0 && _sink.MayBeSequence(_header, isNamed))
        {
            BeginProbe();
        }
        else if (_header.VR == DicomVR.SQ)
        {
            OpenSequence(_offset + _header.Length);
        }
        else
        {
            BeginValue();
        }
    }

    /// <summary>Begins a value whose tag is that of a sequence although nothing else shows it: its first bytes decide.</summary>
    private void BeginProbe()
    {
        if (_header.Length < ElementHeader.ItemSize)
        {
            BeginPlainValue();
        }
        else
        {
            _state = State.UnknownProbe;
        }
    }

    private void BeginPlainValue()
    {
        if (_header.VR == DicomVR.SQ)
        {
            _sink.Warn(DicomParseWarning.SequenceWithoutItems);
            _header = _header with { VR = DicomVR.UN };
        }

        BeginValue();
    }

    private void BeginUndefinedLength()
    {
        bool isPixelData = _header.Tag == DicomTag.PixelData;
        if (_header.VR is DicomVR.SQ || (_header.VR is DicomVR.UN && !isPixelData))
        {
            // UN of undefined length is a sequence in implicit VR little endian (PS3.5 section 6.2.2).
            OpenSequence(-1);
        }
        else if (isPixelData || _header.VR is DicomVR.OB or DicomVR.OW)
        {
            _encapsulated.Begin(_header, _offset, _sink.Level.IsBigEndian);
            _state = State.Encapsulated;
        }
        else
        {
            throw Error(DicomParseError.BadLength, "An undefined length is only allowed for sequences and encapsulated pixel data");
        }
    }

    private void BeginItemOrDelimiter(ParserLevel level)
    {
        bool isItem = _header.Tag == DicomTag.Item;
        if (level.IsSequence && isItem)
        {
            long end = _header.IsUndefinedLength ? -1 : _offset + _header.Length;
            if (level.End >= 0 && end > level.End)
            {
                throw Error(DicomParseError.BadLength, "An item is longer than the sequence that holds it");
            }

            _sink.OpenItem(end, _offset);
        }
        else if (level.IsSequence && _header.Tag == DicomTag.SequenceDelimitationItem)
        {
            if (level.End >= 0)
            {
                _sink.Warn(DicomParseWarning.StrayDelimiter);
            }

            _sink.CloseSequence();
        }
        else if (!level.IsSequence && _header.Tag == DicomTag.ItemDelimitationItem && level.End < 0 && !_sink.IsTopLevel)
        {
            _sink.CloseItem();
        }
        else if (!level.IsSequence && !isItem && _header.Tag.Group == 0xFFFE && _header.Length == 0)
        {
            _sink.Warn(DicomParseWarning.StrayDelimiter);
        }
        else
        {
            throw Error(
                DicomParseError.UnexpectedElement,
                level.IsSequence ? "A sequence holds something else than items" : "An item stands outside a sequence");
        }

        _sink.CloseEnded(_offset);
    }

    private void BeginValue()
    {
        if ((_header.Length & 1) == 1)
        {
            _sink.Warn(DicomParseWarning.OddLength);
        }

        if (_sink.IsBulk(_header))
        {
            _sink.AddBulk(_header, _offset);
            _remaining = _header.Length;
            _state = State.Bulk;
            return;
        }

        _value = _sink.TakeValue(_header, _offset);
        _remaining = _header.Length;
        _state = State.Value;
        if (_remaining == 0)
        {
            EndValue();
        }
    }

    private int ReadValue(ReadOnlySpan<byte> block)
    {
        int used = (int)Math.Min(block.Length, _remaining);
        int filled = (int)(_header.Length - _remaining);
        if (_value.Length < filled + used)
        {
            byte[] larger = new byte[Math.Min(_header.Length, Math.Max(filled + used, _value.Length * 2L))];
            _value.CopyTo(larger);
            _value = larger;
        }

        block[..used].CopyTo(_value.Span[filled..]);
        _remaining -= used;
        _offset += used;
        if (_remaining == 0)
        {
            EndValue();
        }

        return used;
    }

    private void EndValue()
    {
        _sink.AddValue(_header, _value);
        _state = State.Header;
        _sink.CloseEnded(_offset);
    }

    private int SkipBulk(long count)
    {
        _remaining -= count;
        _offset += count;
        if (_remaining == 0)
        {
            _state = State.Header;
            _sink.CloseEnded(_offset);
        }

        return (int)Math.Min(count, int.MaxValue);
    }

    /// <summary>
    /// Decides on a value of defined length under the tag of a sequence: it is a sequence if it begins with an item, else plain bytes.
    /// </summary>
    private int ProbeUnknown(ReadOnlySpan<byte> block)
    {
        int used = Math.Min(block.Length, 4 - _carried);
        block[..used].CopyTo(_carry.AsSpan(_carried));
        _carried += used;
        if (_carried < 4)
        {
            return used;
        }

        byte[] start = _carry[..4];
        _carried = 0;
        if (start.AsSpan().SequenceEqual<byte>([0xFE, 0xFF, 0x00, 0xE0])
            || (_header.VR == DicomVR.SQ && start.AsSpan().SequenceEqual<byte>([0xFE, 0xFF, 0xDD, 0xE0])))
        {
            OpenSequence(_offset + _header.Length);
        }
        else
        {
            BeginPlainValue();
        }

        Feed(start);
        return used;
    }

    private int ReadEncapsulated(ReadOnlySpan<byte> block)
    {
        int used = _encapsulated.Read(block, _offset);
        _offset += used;
        if (_encapsulated.IsComplete)
        {
            EndEncapsulated();
        }

        return used;
    }

    private void EndEncapsulated(bool lacksDelimiter = false)
    {
        _encapsulated.End(_offset, lacksDelimiter);
        _state = State.Header;
        _sink.CloseEnded(_offset);
    }

    /// <summary>Opens a sequence: inside UN its items are implicit VR little endian, inside SQ they are encoded as outside.</summary>
    private void OpenSequence(long end)
    {
        bool isSequence = _header.VR == DicomVR.SQ;
        _sink.OpenSequence(_header.Tag, end, isSequence && _sink.Level.IsExplicit, isSequence && _sink.Level.IsBigEndian, _offset);
        _state = State.Header;
        _sink.CloseEnded(_offset);
    }

    /// <summary>
    /// Returns whether the bytes are what writers leave after a data set: NULs, line ends, and the end mark of CP/M and DOS files.
    /// </summary>
    private static bool IsFiller(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept("\0\r\n\u001A"u8) < 0;

    private int SkipTrailing(int length)
    {
        _offset += length;
        return length;
    }

    private DicomParseException Error(DicomParseError error, string detail)
        => new(error, detail, _sink.PathTo(_header.Tag), _offset);
}

/// <summary>Receives the elements of a data set as <see cref="DataSetParser"/> reads them, so that the parser keeps none of them.</summary>
public interface IDataSetObserver
{
    /// <summary>Receives a whole element other than a sequence; of a bulk value only its header has been read.</summary>
    void Element(DicomElement element);

    void BeginSequence(DicomTag tag);

    void BeginItem();

    void EndItem();

    void EndSequence();
}
