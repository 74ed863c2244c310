using System.Buffers.Binary;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Frames;

namespace ImagingIngestion.Dicom.Reading;

/// <summary>
/// Reads encapsulated pixel data (PS3.5 section A.4): records the place of each fragment and keeps the Basic Offset Table.
/// </summary>
internal sealed class EncapsulatedReader(DicomReaderOptions options, ElementSink sink)
{
    private const long FragmentBytes = 64;
    private readonly byte[] _carry = new byte[ElementHeader.ItemSize];
    private ElementHeader _header;
    private PixelDataLocation? _location;
    private bool _isBigEndian;
    private bool _hasOffsetTableItem;
    private int _carried;
    private byte[]? _table;
    private long _remaining;
    private long _start;
    private uint _length;
    private int _headBytes;
    private ushort _head;

    /// <summary>Estimated bytes of memory that the places of the fragments take here and in the frame index.</summary>
    public long MemoryBytes => (_location?.Fragments.Count ?? 0) * FragmentBytes;

    /// <summary>The sequence delimiter was read.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The next byte would begin an item; pixel data without its delimiter may end here.</summary>
    public bool CanEndHere => _remaining == 0 && _carried == 0 && _location!.Fragments.Count > 0;

    /// <summary>Bytes of the current fragment that do not have to be read.</summary>
    public long Skippable => _table is null && _headBytes == 0 ? _remaining : 0;

    public void Begin(in ElementHeader header, long offset, bool isBigEndian)
    {
        _header = header;
        _location = new PixelDataLocation { Tag = header.Tag, Range = new ByteRange(offset, 0), IsEncapsulated = true };
        _isBigEndian = isBigEndian;
        _hasOffsetTableItem = false;
        IsComplete = false;
    }

    public int Read(ReadOnlySpan<byte> block, long offset) => _remaining > 0 ? ReadFragment(block) : ReadItemHeader(block, offset);

    public void Skip(long count) => _remaining -= count;

    /// <summary>Adds the element to the data set; the end is the end of the pixel data including its delimiter, if it has one.</summary>
    public void End(long end, bool lacksDelimiter)
    {
        PixelDataLocation location = _location!;
        location.Range = location.Range with { Length = end - location.Range.Offset };
        sink.AddEncapsulated(_header, location, lacksDelimiter);
        _table = null;
    }

    private int ReadItemHeader(ReadOnlySpan<byte> block, long offset)
    {
        int used = Math.Min(block.Length, ElementHeader.ItemSize - _carried);
        block[..used].CopyTo(_carry.AsSpan(_carried));
        _carried += used;
        if (_carried == ElementHeader.ItemSize)
        {
            _carried = 0;
            _ = ElementHeader.TryRead(_carry, isExplicit: false, _isBigEndian, out ElementHeader item);
            BeginItem(item, offset + used);
        }

        return used;
    }

    private void BeginItem(in ElementHeader item, long start)
    {
        if (item.Tag == DicomTag.SequenceDelimitationItem)
        {
            IsComplete = true;
            return;
        }

        if (item.Tag != DicomTag.Item || item.IsUndefinedLength)
        {
            throw new DicomParseException(
                DicomParseError.UnexpectedElement,
                "Encapsulated pixel data holds something else than fragments",
                sink.PathTo(_header.Tag),
                start);
        }

        _remaining = item.Length;
        _start = start;
        _length = item.Length;
        _table = null;
        _headBytes = 0;
        _head = 0;
        if (!_hasOffsetTableItem)
        {
            _hasOffsetTableItem = true;
            _table = item.Length <= (long)options.MaxFragments * sizeof(uint) ? new byte[item.Length] : null;
            _location!.OffsetTable = _table ?? [];
            return;
        }

        _headBytes = (int)Math.Min(2, item.Length);
        if (_headBytes == 0)
        {
            AddFragment();
        }
    }

    private int ReadFragment(ReadOnlySpan<byte> block)
    {
        int used = (int)Math.Min(block.Length, _remaining);
        if (_table is not null)
        {
            block[..used].CopyTo(_table.AsSpan((int)(_length - _remaining)));
        }

        for (int index = 0; index < used && _headBytes > 0; index++)
        {
            _head = (ushort)((_head << 8) | block[index]);
            if (--_headBytes == 0)
            {
                AddFragment();
            }
        }

        _remaining -= used;
        if (_remaining == 0 && _table is not null)
        {
            NormaliseTable(_table);
            _table = null;
        }

        return used;
    }

    private void AddFragment()
    {
        List<Fragment> fragments = _location!.Fragments;
        if (fragments.Count >= options.MaxFragments)
        {
            throw new DicomParseException(
                DicomParseError.LimitExceeded, $"There are more than {options.MaxFragments} fragments", sink.PathTo(_header.Tag), _start);
        }

        fragments.Add(new Fragment(_start, _length, _head));
    }

    private void NormaliseTable(Span<byte> table)
    {
        for (int start = 0; _isBigEndian && start + 4 <= table.Length; start += 4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(table[start..], BinaryPrimitives.ReadUInt32BigEndian(table[start..]));
        }
    }
}
