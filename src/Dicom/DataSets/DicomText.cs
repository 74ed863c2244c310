using System.Buffers.Binary;
using System.Globalization;

namespace ImagingIngestion.Dicom;

/// <summary>Reads values of a data set as text.</summary>
public static class DicomText
{
    /// <summary>The first value, decoded and trimmed; null when the element is absent or empty.</summary>
    public static string? GetString(this DicomDataset dataset, DicomTag tag)
    {
        string[] values = dataset.GetStrings(tag);
        return values.Length == 0 || values[0].Length == 0 ? null : values[0];
    }

    /// <summary>All values, decoded and trimmed, numbers in invariant notation; empty when the element is absent, empty, a sequence or binary.</summary>
    public static string[] GetStrings(this DicomDataset dataset, DicomTag tag)
    {
        if (!dataset.TryGet(tag, out DicomElement? element) || element.Value.IsEmpty)
        {
            return [];
        }

        ref readonly DicomVRTraits traits = ref element.VR.Traits();
        return traits.Kind switch
        {
            DicomValueKind.Text => dataset.CharacterSet.DecodeValues(element.Value.Span, element.VR),
            DicomValueKind.Numbers => Numbers(element, NumberSize(element.VR)),
            _ => [],
        };
    }

    private static int NumberSize(DicomVR vr) => vr == DicomVR.AT ? 4 : vr.Traits().UnitSize;

    private static string[] Numbers(DicomElement element, int size)
    {
        string[] numbers = new string[element.Value.Length / size];
        for (int index = 0; index < numbers.Length; index++)
        {
            numbers[index] = Number(element.VR, element.Value.Span.Slice(index * size, size));
        }

        return numbers;
    }

    private static string Number(DicomVR vr, ReadOnlySpan<byte> bytes)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        return vr switch
        {
            DicomVR.US => BinaryPrimitives.ReadUInt16LittleEndian(bytes).ToString(invariant),
            DicomVR.SS => BinaryPrimitives.ReadInt16LittleEndian(bytes).ToString(invariant),
            DicomVR.UL => BinaryPrimitives.ReadUInt32LittleEndian(bytes).ToString(invariant),
            DicomVR.SL => BinaryPrimitives.ReadInt32LittleEndian(bytes).ToString(invariant),
            DicomVR.UV => BinaryPrimitives.ReadUInt64LittleEndian(bytes).ToString(invariant),
            DicomVR.SV => BinaryPrimitives.ReadInt64LittleEndian(bytes).ToString(invariant),
            DicomVR.FL => BinaryPrimitives.ReadSingleLittleEndian(bytes).ToString("R", invariant),
            DicomVR.FD => BinaryPrimitives.ReadDoubleLittleEndian(bytes).ToString("R", invariant),
            _ => new DicomTag(BinaryPrimitives.ReadUInt16LittleEndian(bytes), BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..])).ToHex(),
        };
    }
}
