using System.Buffers.Binary;

namespace ImagingIngestion.Dicom;

/// <summary>Writes element headers in explicit VR little endian (PS3.5 section 7.1.2).</summary>
internal static class ElementHeaderWriter
{
    public const int MaxSize = 12;
    public const uint UndefinedLength = 0xFFFF_FFFF;

    /// <summary>The VR to write: a value too long for the 16-bit length of its VR goes out as UN (PS3.5 section 6.2.2, note 3).</summary>
    public static DicomVR WritableVR(DicomVR vr, long length) => length > ushort.MaxValue && !vr.Traits().HasLongLength ? DicomVR.UN : vr;

    /// <summary>Writes a header and returns its size, 8 or 12 bytes; items and delimiters (group FFFE) take 8.</summary>
    public static int Write(Span<byte> target, DicomTag tag, DicomVR vr, uint length)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(target, tag.Group);
        BinaryPrimitives.WriteUInt16LittleEndian(target[2..], tag.Element);
        if (tag.Group == 0xFFFE)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(target[4..], length);
            return 8;
        }

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
}
