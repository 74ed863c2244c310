using System.Buffers.Binary;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Reading;

namespace ImagingIngestion.Dicom.Writing;

/// <summary>Writes element headers in explicit and implicit VR little endian (PS3.5 sections 7.1.2 and 7.1.3).</summary>
internal static class ElementHeaderWriter
{
    /// <summary>
    /// Returns the VR to write: a value too long for the 16-bit length of its VR is written as UN (PS3.5 section 6.2.2, note 3).
    /// </summary>
    public static DicomVR WritableVR(DicomVR vr, long length) => length > ushort.MaxValue && !vr.Traits().HasLongLength ? DicomVR.UN : vr;

    /// <summary>Throws if implicit VR would change the meaning of an element.</summary>
    /// <remarks>
    /// Without its VR, a reader takes a value under the tag of a sequence for items, and items under another tag for a value.
    /// </remarks>
    /// <exception cref="DicomParseException">It cannot be written.</exception>
    public static void ThrowIfLostInImplicitVR(DicomTag tag, DicomVR vr, long length, long offset)
    {
        bool isSequence = DicomDictionary.IsSequence(tag);
        if (length > 0 && isSequence != (vr == DicomVR.SQ) && (isSequence || (!tag.IsPrivate && DicomDictionary.TryGet(tag, out _))))
        {
            throw new DicomParseException(
                DicomParseError.UnexpectedElement,
                "An element whose VR is not that of the dictionary cannot be written in implicit VR",
                tag.ToHex(),
                offset);
        }
    }

    /// <summary>Writes a header and returns its size, 8 or 12 bytes; items and delimiters (group FFFE) take 8.</summary>
    public static int Write(Span<byte> target, DicomTag tag, DicomVR vr, uint length)
    {
        if (tag.Group == 0xFFFE)
        {
            return WriteImplicit(target, tag, length);
        }

        WriteTag(target, tag);
        target[4] = (byte)((ushort)vr >> 8);
        target[5] = (byte)vr;
        if (!vr.Traits().HasLongLength)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(target[6..], (ushort)length);
            return 8;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(target[6..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], length);
        return 12;
    }

    /// <summary>Writes a header without VR and returns its size, 8 bytes.</summary>
    public static int WriteImplicit(Span<byte> target, DicomTag tag, uint length)
    {
        WriteTag(target, tag);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], length);
        return 8;
    }

    private static void WriteTag(Span<byte> target, DicomTag tag)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(target, tag.Group);
        BinaryPrimitives.WriteUInt16LittleEndian(target[2..], tag.Element);
    }
}
