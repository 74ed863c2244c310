using System.Buffers.Binary;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.Reading;

/// <summary>Tag, VR and length of a data element on the wire (PS3.5 section 7.1).</summary>
internal readonly record struct ElementHeader(DicomTag Tag, DicomVR VR, uint Length, int Size, bool HasOddVR)
{
    public const uint UndefinedLength = 0xFFFF_FFFF;
    public const int MaxSize = 12;
    public const int ItemSize = 8;
    private const ushort ItemGroup = 0xFFFE;

    /// <summary>Turns two ASCII letters into capitals.</summary>
    private const ushort UpperCase = 0xDFDF;

    public bool IsUndefinedLength => Length == UndefinedLength;

    /// <summary>Reads a header from at least 8 bytes; returns false if it has 12 and they are not all there.</summary>
    /// <remarks>VR is None if the encoding carries none.</remarks>
    public static bool TryRead(ReadOnlySpan<byte> bytes, bool isExplicit, bool isBigEndian, out ElementHeader header)
    {
        DicomTag tag = new(UInt16(bytes, isBigEndian), UInt16(bytes[2..], isBigEndian));
        if (!isExplicit || tag.Group == ItemGroup)
        {
            header = new ElementHeader(tag, DicomVR.None, UInt32(bytes[4..], isBigEndian), 8, false);
            return true;
        }

        DicomVR vr = (DicomVR)((bytes[4] << 8) | bytes[5]);
        bool isKnown = DicomVRTable.IsKnown(vr);
        bool isLower = !isKnown
            && char.IsAsciiLetter((char)bytes[4])
            && char.IsAsciiLetter((char)bytes[5])
            && DicomVRTable.IsKnown((DicomVR)((ushort)vr & UpperCase));
        if (isLower)
        {
            vr = (DicomVR)((ushort)vr & UpperCase);
            isKnown = true;
        }

        bool isLetters = isKnown || (char.IsAsciiLetterUpper((char)bytes[4]) && char.IsAsciiLetterUpper((char)bytes[5]));
        if (!isLetters)
        {
            return ReadWithoutVR(bytes, tag, isBigEndian, out header);
        }

        // A VR of a later edition of the standard has the long form (PS3.5 section 7.1.2).
        if (!isKnown || vr.Traits().HasLongLength)
        {
            bool isComplete = bytes.Length >= MaxSize;
            header = isComplete
                ? new ElementHeader(tag, isKnown ? vr : DicomVR.UN, UInt32(bytes[8..], isBigEndian), MaxSize, isLower || !isKnown)
                : default;
            return isComplete;
        }

        header = new ElementHeader(tag, vr, UInt16(bytes[6..], isBigEndian), 8, isLower);
        return true;
    }

    /// <summary>Reads a header whose VR is not two letters: a blank VR before a 16-bit length, or no VR and a 32-bit length.</summary>
    /// <remarks>Zeros followed by a length can only be the first: as a 32-bit length it would be longer than 64 KiB.</remarks>
    private static bool ReadWithoutVR(ReadOnlySpan<byte> bytes, DicomTag tag, bool isBigEndian, out ElementHeader header)
    {
        bool isBlank = (bytes[4] is 0 or (byte)' ' or (byte)'?') && bytes[4] == bytes[5] && UInt16(bytes[6..], isBigEndian) != 0;
        uint length = isBlank ? UInt16(bytes[6..], isBigEndian) : UInt32(bytes[4..], isBigEndian);
        header = new ElementHeader(tag, isBlank ? DicomVR.UN : DicomVR.None, length, 8, true);
        return true;
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, bool isBigEndian)
        => isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint UInt32(ReadOnlySpan<byte> bytes, bool isBigEndian)
        => isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
