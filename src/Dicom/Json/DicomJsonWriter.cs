using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Json;

/// <summary>Writes data sets in the DICOM JSON Model (PS3.18 annex F).</summary>
/// <remarks>
/// Where the standard leaves a choice: Decimal and integer strings are numbers with their own digits, or strings if their text is no JSON
/// number (<c>+1</c>, <c>007</c>, <c>.5</c>). 64-bit integers beyond 2^53, NaN and infinities are strings. More than three component groups
/// of a name stay in Phonetic. Bytes after the last whole unit of a numeric value field are dropped. Unknown VRs are written as UN.
/// </remarks>
public static class DicomJsonWriter
{
    private const int FlushThreshold = 64 << 10;
    private const int MaxJsonDepth = 1 << 20;

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        MaxDepth = MaxJsonDepth
    };

    /// <summary>
    /// Creates a writer with the settings for DICOM JSON: UTF-8 unescaped, no white space, no depth limit that a data set could reach.
    /// </summary>
    public static Utf8JsonWriter CreateUtf8Writer(IBufferWriter<byte> output) => new(output, WriterOptions);

    /// <summary>Writes one data set as one JSON object.</summary>
    public static void Write(DicomDataset dataset, IBufferWriter<byte> output, DicomModelWriterOptions? options = null)
    {
        using Utf8JsonWriter json = CreateUtf8Writer(output);
        Write(dataset, json, options);
    }

    /// <summary>Writes one data set as one JSON object at the writer's position.</summary>
    /// <remarks>
    /// A writer that was not made by <see cref="CreateUtf8Writer"/> needs a sufficient MaxDepth: three for each nested sequence.
    /// </remarks>
    public static void Write(DicomDataset dataset, Utf8JsonWriter json, DicomModelWriterOptions? options = null)
        => new DatasetWalker(new JsonDatasetVisitor(json, options ?? DicomModelWriterOptions.Default)).Walk(dataset);

    /// <summary>Writes stored metadata as one JSON object, and sends it as it grows.</summary>
    public static async Task WriteAsync(StreamedDataset dataset, PipeWriter output, CancellationToken cancellationToken)
    {
        await using Utf8JsonWriter json = CreateUtf8Writer(output);
        await dataset.WalkAsync(
            new JsonDatasetVisitor(json, DicomModelWriterOptions.Default),
            async () =>
            {
                if (output.UnflushedBytes + json.BytesPending >= FlushThreshold)
                {
                    await json.FlushAsync(cancellationToken);
                    await output.FlushAsync(cancellationToken);
                }
            },
            cancellationToken);
    }

    /// <summary>Writes data sets as one JSON array.</summary>
    public static void WriteArray(IEnumerable<DicomDataset> datasets, IBufferWriter<byte> output, DicomModelWriterOptions? options = null)
    {
        using Utf8JsonWriter json = CreateUtf8Writer(output);
        json.WriteStartArray();
        foreach (DicomDataset dataset in datasets)
        {
            Write(dataset, json, options);
        }

        json.WriteEndArray();
    }

    /// <summary>Returns one data set as UTF-8.</summary>
    public static byte[] ToUtf8(DicomDataset dataset, DicomModelWriterOptions? options = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Write(dataset, buffer, options);
        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>Writes each element as its member of the DICOM JSON Model (PS3.18 section F.2).</summary>
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

    /// <summary>Writes a string in pieces, because the writer reserves room for the longest form that a piece could have.</summary>
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

/// <summary>Recognises numbers by the grammar of RFC 8259 section 6, which can be written unquoted and unchanged.</summary>
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
