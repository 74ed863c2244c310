using System.Buffers.Binary;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Dicom.Reading;

/// <summary>Tells the encoding of a data set from its first element: groups of a composite instance begin low, and an explicit VR is two known letters.</summary>
internal static class TransferSyntaxGuess
{
    private const ushort HighestFirstGroup = 0x0040;
    private const uint LongestFirstValue = 1 << 20;

    /// <summary>Null when the bytes begin like no data set.</summary>
    public static TransferSyntax? Guess(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8)
        {
            return null;
        }

        bool isLittle = IsFirstGroup(BinaryPrimitives.ReadUInt16LittleEndian(bytes));
        bool isBig = IsFirstGroup(BinaryPrimitives.ReadUInt16BigEndian(bytes));
        bool isExplicit = DicomVRTable.IsKnown((DicomVR)((bytes[4] << 8) | bytes[5]));
        if (isExplicit && (isLittle || isBig))
        {
            return isLittle ? TransferSyntax.ExplicitVRLittleEndian : TransferSyntax.ExplicitVRBigEndian;
        }

        return isLittle && BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) is <= LongestFirstValue or ElementHeader.UndefinedLength
            ? TransferSyntax.ImplicitVRLittleEndian
            : null;
    }

    private static bool IsFirstGroup(ushort group) => group is >= 0x0002 and <= HighestFirstGroup;
}
