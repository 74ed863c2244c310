using System.Buffers.Binary;
using System.Globalization;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.DataSets;

/// <summary>Reads element values as text, with the character set of their data set.</summary>
public static class DicomText
{
    /// <summary>Returns the first value; null if the element is absent, empty or blank, or has no text form.</summary>
    public static string? GetString(this DicomDataset dataset, DicomTag tag)
    {
        string[] values = dataset.GetStrings(tag);
        return values.Length > 0 && values[0].Length > 0 ? values[0] : null;
    }

    /// <summary>Returns all values: text decoded and trimmed, numbers in invariant form, tags as eight hexadecimal digits.</summary>
    /// <remarks>
    /// Values of a UN element are read with the VR of the dictionary. The result is empty if the element is absent, is empty, is a
    /// sequence, holds bytes, or was left where it is.
    /// </remarks>
    public static string[] GetStrings(this DicomDataset dataset, DicomTag tag)
    {
        if (!dataset.TryGet(tag, out DicomElement? element) || element.Value.IsEmpty)
        {
            return [];
        }

        DicomVR vr = element.VR == DicomVR.UN ? DicomDictionary.VROf(tag) : element.VR;
        return vr.Traits().Kind switch
        {
            DicomValueKind.Text => dataset.CharacterSet.DecodeValues(element.Value.Span, vr),
            DicomValueKind.Numbers => Numbers(element.Value.Span, vr),
            _ => [],
        };
    }

    private static string[] Numbers(ReadOnlySpan<byte> value, DicomVR vr)
    {
        int size = vr.Traits().UnitSize;
        int step = vr == DicomVR.AT ? 2 * size : size;
        string[] values = new string[value.Length / step];
        for (int index = 0; index < values.Length; index++)
        {
            values[index] = Number(value.Slice(index * step, step), vr);
        }

        return values;
    }

    private static string Number(ReadOnlySpan<byte> bytes, DicomVR vr) => vr switch
    {
        DicomVR.AT =>
            new DicomTag(BinaryPrimitives.ReadUInt16LittleEndian(bytes), BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..])).ToHex(),
        DicomVR.SS => BinaryPrimitives.ReadInt16LittleEndian(bytes).ToString(CultureInfo.InvariantCulture),
        DicomVR.US => BinaryPrimitives.ReadUInt16LittleEndian(bytes).ToString(CultureInfo.InvariantCulture),
        DicomVR.SL => BinaryPrimitives.ReadInt32LittleEndian(bytes).ToString(CultureInfo.InvariantCulture),
        DicomVR.UL => BinaryPrimitives.ReadUInt32LittleEndian(bytes).ToString(CultureInfo.InvariantCulture),
        DicomVR.SV => BinaryPrimitives.ReadInt64LittleEndian(bytes).ToString(CultureInfo.InvariantCulture),
        DicomVR.UV => BinaryPrimitives.ReadUInt64LittleEndian(bytes).ToString(CultureInfo.InvariantCulture),
        DicomVR.FL => BinaryPrimitives.ReadSingleLittleEndian(bytes).ToString("R", CultureInfo.InvariantCulture),
        DicomVR.FD => BinaryPrimitives.ReadDoubleLittleEndian(bytes).ToString("R", CultureInfo.InvariantCulture),
        _ => "",
    };
}
