using System.Text.Json;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Json;

/// <summary>Turns each element into its member of the DICOM JSON Model (PS3.18 section F.2).</summary>
internal sealed class JsonDatasetVisitor(Utf8JsonWriter json, DicomModelWriterOptions options) : IDatasetVisitor
{
    private static readonly JsonEncodedText VRName = JsonEncodedText.Encode("vr");
    private static readonly JsonEncodedText ValueName = JsonEncodedText.Encode("Value");
    private static readonly JsonEncodedText InlineBinaryName = JsonEncodedText.Encode("InlineBinary");
    private static readonly JsonEncodedText BulkDataUriName = JsonEncodedText.Encode("BulkDataURI");
    private static readonly JsonEncodedText[] NameGroups =
    [
        JsonEncodedText.Encode("Alphabetic"),
        JsonEncodedText.Encode("Ideographic"),
        JsonEncodedText.Encode("Phonetic")
    ];

    private const int LongestPiece = 16 << 10;

    public void BeginDataset(DicomDataset dataset, int item) => json.WriteStartObject();

    public void EndDataset() => json.WriteEndObject();

    public void BeginSequence(DicomElement element, DicomDataset owner)
    {
        BeginElement(element.Tag, DicomVR.SQ);
        json.WriteStartArray(ValueName);
    }

    public void EndSequence()
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public void Element(DicomElement element, DicomDataset owner, DatasetWalker walker)
    {
        BeginElement(element.Tag, element.VR);
        string? uri = options.Resolve(ref element, walker);
        if (uri is not null)
        {
            json.WriteString(BulkDataUriName, uri);
        }
        else if (!element.Value.IsEmpty)
        {
            WriteContent(element, owner);
        }

        json.WriteEndObject();
    }

    private void BeginElement(DicomTag tag, DicomVR vr)
    {
        Span<byte> key = stackalloc byte[8];
        tag.Value.TryFormat(key, out _, "X8", System.Globalization.CultureInfo.InvariantCulture);
        json.WriteStartObject(key);
        Span<byte> code = [(byte)((ushort)vr >> 8), (byte)vr];
        json.WriteString(VRName, DicomVRTable.IsKnown(vr) ? code : "UN"u8);
    }

    private void WriteContent(DicomElement element, DicomDataset owner)
    {
        switch (element.VR.Traits().Kind)
        {
            case DicomValueKind.Text:
                WriteTexts(ElementText.Utf8(element, owner).Span, element.VR);
                break;
            case DicomValueKind.Numbers:
                WriteNumbers(element.Value.Span, element.VR);
                break;
            case DicomValueKind.Bytes:
                json.WriteBase64String(InlineBinaryName, element.Value.Span);
                break;
        }
    }

    private void WriteTexts(ReadOnlySpan<byte> rest, DicomVR vr)
    {
        ReadOnlySpan<byte> value = ElementText.NextValue(ref rest, vr, out bool last);
        if (last && value.IsEmpty)
        {
            return;
        }

        json.WriteStartArray(ValueName);
        WriteText(value, vr);
        while (!last)
        {
            WriteText(ElementText.NextValue(ref rest, vr, out last), vr);
        }

        json.WriteEndArray();
    }

    private void WriteText(ReadOnlySpan<byte> value, DicomVR vr)
    {
        if (value.IsEmpty)
        {
            json.WriteNullValue();
        }
        else if (vr == DicomVR.PN)
        {
            WriteName(value);
        }
        else if (vr is DicomVR.DS or DicomVR.IS && JsonNumberText.IsNumber(value))
        {
            json.WriteRawValue(value, skipInputValidation: true);
        }
        else
        {
            WriteLong(value);
        }
    }

    /// <summary>Writes a string in pieces, because the writer takes room for the longest form that a piece could have.</summary>
    private void WriteLong(ReadOnlySpan<byte> value)
    {
        for (; value.Length > LongestPiece; value = value[LongestPiece..])
        {
            json.WriteStringValueSegment(value[..LongestPiece], isFinalSegment: false);
        }

        json.WriteStringValueSegment(value, isFinalSegment: true);
    }

    private void WriteName(ReadOnlySpan<byte> name)
    {
        json.WriteStartObject();
        for (int group = 0; group < NameGroups.Length; group++)
        {
            int end = group == NameGroups.Length - 1 ? -1 : name.IndexOf((byte)'=');
            ReadOnlySpan<byte> text = ElementText.Trim(end < 0 ? name : name[..end], DicomVR.PN);
            if (!text.IsEmpty)
            {
                json.WriteString(NameGroups[group], text);
            }

            if (end < 0)
            {
                break;
            }

            name = name[(end + 1)..];
        }

        json.WriteEndObject();
    }

    private void WriteNumbers(ReadOnlySpan<byte> values, DicomVR vr)
    {
        int size = NumberText.Size(vr);
        if (values.Length < size)
        {
            return;
        }

        Span<byte> text = stackalloc byte[NumberText.MaxLength];
        json.WriteStartArray(ValueName);
        for (; values.Length >= size; values = values[size..])
        {
            int length = NumberText.Format(values[..size], vr, text, out bool isNumber);
            if (isNumber)
            {
                json.WriteRawValue(text[..length], skipInputValidation: true);
            }
            else
            {
                json.WriteStringValue(text[..length]);
            }
        }

        json.WriteEndArray();
    }
}

/// <summary>
/// Tells whether text is a number by the grammar of RFC 8259 section 6, so that it can be written unquoted and unchanged.
/// </summary>
internal static class JsonNumberText
{
    // Longer than any decimal string (PS3.5: 16 characters) and short enough for every JSON reader.
    private const int MaxLength = 32;

    public static bool IsNumber(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > MaxLength)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[0] == '-' ? text[1..] : text;
        int whole = CutDigits(ref rest, out bool startsWithZero);
        if (whole == 0 || (startsWithZero && whole > 1))
        {
            return false;
        }

        if (rest is [(byte)'.', ..])
        {
            rest = rest[1..];
            if (CutDigits(ref rest, out _) == 0)
            {
                return false;
            }
        }

        if (rest is [(byte)'e' or (byte)'E', ..])
        {
            rest = rest is [_, (byte)'+' or (byte)'-', ..] ? rest[2..] : rest[1..];
            if (CutDigits(ref rest, out _) == 0)
            {
                return false;
            }
        }

        return rest.IsEmpty;
    }

    private static int CutDigits(ref ReadOnlySpan<byte> rest, out bool startsWithZero)
    {
        startsWithZero = rest is [(byte)'0', ..];
        int count = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        count = count < 0 ? rest.Length : count;
        rest = rest[count..];
        return count;
    }
}
