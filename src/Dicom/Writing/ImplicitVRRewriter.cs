using System.Buffers;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Reading;

namespace ImagingIngestion.Dicom.Writing;

/// <summary>
/// Converts a data set from Explicit to Implicit VR Little Endian block by block, changing only headers (PS3.5 annex A.1 and A.2).
/// </summary>
/// <remarks>
/// Sequences and items get undefined length, because their headers shrink. Group lengths are left out, because they would be wrong. Not
/// safe for several threads.
/// </remarks>
public sealed class ImplicitVRRewriter
{
    private const int MaxDepth = 256;

    private readonly Stack<Level> _levels = new();
    private readonly byte[] _header = new byte[ElementHeader.MaxSize];
    private int _headerLength;
    private long _offset;
    private long _copies;
    private long _skips;

    /// <summary>Rewrites the next bytes.</summary>
    /// <exception cref="DicomParseException">The bytes are not such a data set. The rewriter must not be used afterwards.</exception>
    public void Rewrite(ReadOnlySpan<byte> block, IBufferWriter<byte> output)
    {
        while (!block.IsEmpty)
        {
            block = block[Step(block, output)..];
        }
    }

    /// <summary>Ends the data set.</summary>
    /// <exception cref="DicomParseException">It ends within an element.</exception>
    public void Complete(IBufferWriter<byte> output)
    {
        CloseEnded(output);
        if (_headerLength > 0 || _copies > 0 || _skips > 0 || _levels.Count > 0)
        {
            throw new DicomParseException(DicomParseError.Truncated, "The data set ends within an element", "", _offset);
        }
    }

    private static void Write(IBufferWriter<byte> output, DicomTag tag, uint length)
        => output.Advance(ElementHeaderWriter.WriteImplicit(output.GetSpan(ElementHeader.MaxSize), tag, length));

    private int Step(ReadOnlySpan<byte> block, IBufferWriter<byte> output)
    {
        if (_copies > 0)
        {
            int copied = (int)Math.Min(_copies, block.Length);
            output.Write(block[..copied]);
            _copies -= copied;
            _offset += copied;
            return copied;
        }

        if (_skips > 0)
        {
            int skipped = (int)Math.Min(_skips, block.Length);
            _skips -= skipped;
            _offset += skipped;
            return skipped;
        }

        CloseEnded(output);
        return ReadHeader(block, output);
    }

    /// <summary>Takes bytes until a header is complete; returns how many of the block it used.</summary>
    private int ReadHeader(ReadOnlySpan<byte> block, IBufferWriter<byte> output)
    {
        int used = 0;
        while (used < block.Length)
        {
            _header[_headerLength++] = block[used++];
            bool isExplicit = !_levels.TryPeek(out Level level) || level.IsExplicit;
            if (_headerLength >= 8
                && ElementHeader.TryRead(_header.AsSpan(0, _headerLength), isExplicit, isBigEndian: false, out ElementHeader header))
            {
                _headerLength = 0;
                _offset += header.Size;
                Begin(header, isExplicit, output);
                break;
            }
        }

        return used;
    }

    private void Begin(ElementHeader header, bool isExplicit, IBufferWriter<byte> output)
    {
        if (_levels.TryPeek(out Level level)
            && !level.IsItem
            && header.Tag != DicomTag.Item
            && header.Tag != DicomTag.SequenceDelimitationItem)
        {
            throw new DicomParseException(
                DicomParseError.UnexpectedElement, "A sequence holds something else than items", header.Tag.ToHex(), _offset);
        }

        if (isExplicit && header.VR is not (DicomVR.None or DicomVR.UN))
        {
            ElementHeaderWriter.ThrowIfLostInImplicitVR(header.Tag, header.VR, header.Length, _offset);
        }

        if (header.Tag == DicomTag.Item)
        {
            Open(header, isItem: true, isExplicit, output);
        }
        else if (header.Tag == DicomTag.ItemDelimitationItem || header.Tag == DicomTag.SequenceDelimitationItem)
        {
            EndLevel(header.Tag == DicomTag.ItemDelimitationItem, output);
        }
        else if (header.VR == DicomVR.SQ
            || (header.IsUndefinedLength && header.VR is DicomVR.UN or DicomVR.None)
            || (header.VR == DicomVR.UN && header.Length > 0 && DicomDictionary.IsSequence(header.Tag)))
        {
            // The content of UN is encoded implicitly (PS3.5 section 6.2.2, note 2).
            Open(header, isItem: false, isExplicit && header.VR == DicomVR.SQ, output);
        }
        else if (header.IsUndefinedLength)
        {
            throw new DicomParseException(
                DicomParseError.BadLength, "A value of undefined length cannot be written in implicit VR", header.Tag.ToHex(), _offset);
        }
        else if (header.Tag.IsGroupLength)
        {
            _skips = header.Length;
        }
        else
        {
            Write(output, header.Tag, header.Length);
            _copies = header.Length;
        }
    }

    private void Open(ElementHeader header, bool isItem, bool isExplicit, IBufferWriter<byte> output)
    {
        if (_levels.Count == MaxDepth)
        {
            throw new DicomParseException(
                DicomParseError.LimitExceeded, $"Sequences are nested deeper than {MaxDepth / 2}", header.Tag.ToHex(), _offset);
        }

        Write(output, header.Tag, ElementHeader.UndefinedLength);
        _levels.Push(new Level(isItem, isExplicit, header.IsUndefinedLength ? null : _offset + header.Length));
    }

    private void EndLevel(bool isItem, IBufferWriter<byte> output)
    {
        if (_levels.TryPeek(out Level level) && level.IsItem == isItem && level.End is null)
        {
            _levels.Pop();
            WriteEnd(isItem, output);
            return;
        }

        throw new DicomParseException(DicomParseError.BadLength, "A delimiter stands where nothing is to be ended", "", _offset);
    }

    private void CloseEnded(IBufferWriter<byte> output)
    {
        if (_headerLength > 0 || _copies > 0 || _skips > 0)
        {
            return;
        }

        while (_levels.TryPeek(out Level level) && level.End <= _offset)
        {
            _levels.Pop();
            WriteEnd(level.IsItem, output);
        }
    }

    private static void WriteEnd(bool isItem, IBufferWriter<byte> output)
        => Write(output, isItem ? DicomTag.ItemDelimitationItem : DicomTag.SequenceDelimitationItem, 0);

    /// <param name="IsItem">An item, else a sequence.</param>
    /// <param name="IsExplicit">The elements within carry their VR.</param>
    /// <param name="End">Its end; null for undefined length.</param>
    private readonly record struct Level(bool IsItem, bool IsExplicit, long? End);
}
