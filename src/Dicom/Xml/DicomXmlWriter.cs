using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Text;
using System.Xml;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Xml;

/// <summary>Writes data sets in the Native DICOM Model (PS3.19 section A.1).</summary>
/// <remarks>
/// Private elements carry their creator and no block number; the private creator elements themselves stay. An element of a block without a
/// private creator keeps its full tag. XML loses some details: Empty components at the end of a component group. Characters that XML 1.0
/// forbids (replaced by U+FFFD). The block of an element if a creator has several. Bytes after the last whole unit of a numeric value
/// field.
/// </remarks>
public static class DicomXmlWriter
{
    /// <summary>The namespace of the schema in PS3.19 section A.1.6.</summary>
    public const string Namespace = "http://dicom.nema.org/PS3.19/models/NativeDICOM";

    private const int FlushThreshold = 64 << 10;

    private static readonly XmlWriterSettings Settings = new()
    {
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        NewLineHandling = NewLineHandling.Entitize,
        CheckCharacters = false,
        CloseOutput = false,
    };

    /// <summary>Writes one data set as one XML document.</summary>
    public static void Write(DicomDataset dataset, Stream output, DicomModelWriterOptions? options = null)
    {
        using XmlWriter xml = Begin(output);
        new DatasetWalker(new XmlDatasetVisitor(xml, options ?? DicomModelWriterOptions.Default)).Walk(dataset);
    }

    /// <summary>Writes stored metadata as one XML document in UTF-8, and sends it as it grows.</summary>
    public static async Task WriteAsync(StreamedDataset dataset, PipeWriter output, CancellationToken cancellationToken)
    {
        using var stream = new BufferWriterStream(output);
        using XmlWriter xml = Begin(stream);
        await dataset.WalkAsync(
            new XmlDatasetVisitor(xml, DicomModelWriterOptions.Default),
            async () =>
            {
                if (output.UnflushedBytes >= FlushThreshold)
                {
                    await output.FlushAsync(cancellationToken);
                }
            },
            cancellationToken);
    }

    /// <summary>Writes one data set as one XML document in UTF-8.</summary>
    public static void Write(DicomDataset dataset, IBufferWriter<byte> output, DicomModelWriterOptions? options = null)
    {
        using var stream = new BufferWriterStream(output);
        Write(dataset, stream, options);
    }

    /// <summary>Returns one data set as one XML document in UTF-8.</summary>
    public static byte[] ToUtf8(DicomDataset dataset, DicomModelWriterOptions? options = null)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(dataset, output, options);
        return output.WrittenSpan.ToArray();
    }

    private static XmlWriter Begin(Stream output)
    {
        XmlWriter xml = XmlWriter.Create(output, Settings);
        xml.WriteStartDocument();
        return xml;
    }
}

/// <summary>Writes each element as a DicomAttribute (PS3.19 table A.1.5-2).</summary>
internal sealed class XmlDatasetVisitor(XmlWriter xml, DicomModelWriterOptions options) : IDatasetVisitor
{
    private static readonly string[] NameGroups = ["Alphabetic", "Ideographic", "Phonetic"];
    private static readonly string[] NameComponents = ["FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix"];

    private const int LongestPiece = 16 << 10;

    public void BeginDataset(DicomDataset dataset, int item)
    {
        if (item >= 0)
        {
            Begin("Item");
            WriteNumber(item + 1);
            return;
        }

        Begin("NativeDicomModel");
        xml.WriteAttributeString("xml", "space", null, "preserve");
    }

    public void EndDataset() => xml.WriteEndElement();

    public void BeginSequence(DicomElement element, DicomDataset owner) => BeginAttribute(element, owner);

    public void EndSequence() => xml.WriteEndElement();

    public void Element(DicomElement element, DicomDataset owner, DatasetWalker walker)
    {
        BeginAttribute(element, owner);
        string? uri = options.Resolve(ref element, walker);
        if (uri is not null)
        {
            Begin("BulkData");
            xml.WriteAttributeString("uri", XmlText.Clean(uri));
            xml.WriteEndElement();
        }
        else if (!element.Value.IsEmpty)
        {
            WriteContent(element, owner);
        }

        xml.WriteEndElement();
    }

    private void BeginAttribute(DicomElement element, DicomDataset owner)
    {
        DicomTag tag = element.Tag;
        string? creator = tag.IsPrivate && tag.Element >= 0x1000 ? PrivateCreatorOf(tag, owner) : null;
        Begin("DicomAttribute");
        xml.WriteAttributeString("tag", (creator is null ? tag : new DicomTag(tag.Group, (ushort)(tag.Element & 0xFF))).ToHex());
        xml.WriteAttributeString("vr", DicomVRTable.IsKnown(element.VR) ? element.VR.Code() : "UN");
        if (creator is not null)
        {
            xml.WriteAttributeString("privateCreator", creator);
        }
        else if (DicomDictionary.TryGet(tag, out DicomDictionaryEntry? entry) && entry.Keyword.Length > 0)
        {
            xml.WriteAttributeString("keyword", entry.Keyword);
        }
    }

    private static string? PrivateCreatorOf(DicomTag tag, DicomDataset owner)
    {
        if (!owner.TryGet(new DicomTag(tag.Group, (ushort)(tag.Element >> 8)), out DicomElement? reservation) || reservation.Value.IsEmpty)
        {
            return null;
        }

        string creator = PrivateBlocks.CreatorOf(reservation.VR, ElementText.Utf8(reservation, owner).Span);
        return creator.Length == 0 ? null : creator;
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
                WriteInlineBinary(element.Value);
                break;
        }
    }

    private void WriteTexts(ReadOnlySpan<byte> rest, DicomVR vr)
    {
        for (int number = 1; ; number++)
        {
            ReadOnlySpan<byte> value = ElementText.NextValue(ref rest, vr, out bool last);
            if (vr == DicomVR.PN && value.IndexOfAnyExcept("^= "u8) < 0)
            {
                value = default;
            }

            if (last && number == 1 && value.IsEmpty)
            {
                return;
            }

            Begin(vr == DicomVR.PN ? "PersonName" : "Value");
            WriteNumber(number);
            if (vr == DicomVR.PN)
            {
                WriteName(value);
            }
            else if (!value.IsEmpty)
            {
                WriteText(value);
            }

            xml.WriteEndElement();
            if (last)
            {
                return;
            }
        }
    }

    /// <summary>Writes a text in pieces of whole characters, so that a long one needs no string of its length.</summary>
    private void WriteText(ReadOnlySpan<byte> utf8)
    {
        while (utf8.Length > LongestPiece)
        {
            int length = LongestPiece;
            while (length > LongestPiece - 4 && (utf8[length] & 0xC0) == 0x80)
            {
                length--;
            }

            xml.WriteString(XmlText.From(utf8[..length]));
            utf8 = utf8[length..];
        }

        xml.WriteString(XmlText.From(utf8));
    }

    private void WriteName(ReadOnlySpan<byte> name)
    {
        string[] groups = Encoding.UTF8.GetString(name).Split('=', NameGroups.Length);
        for (int group = 0; group < groups.Length; group++)
        {
            string text = groups[group].TrimEnd('^', ' ');
            if (text.Length == 0)
            {
                continue;
            }

            Begin(NameGroups[group]);
            string[] components = text.Split('^', NameComponents.Length);
            for (int component = 0; component < components.Length; component++)
            {
                if (components[component].Length > 0)
                {
                    Begin(NameComponents[component]);
                    xml.WriteString(XmlText.Clean(components[component]));
                    xml.WriteEndElement();
                }
            }

            xml.WriteEndElement();
        }
    }

    private void WriteNumbers(ReadOnlySpan<byte> values, DicomVR vr)
    {
        int size = NumberText.Size(vr);
        Span<byte> text = stackalloc byte[NumberText.MaxLength];
        for (int number = 1; values.Length >= size; values = values[size..], number++)
        {
            int length = NumberText.Format(values[..size], vr, text, out _);
            Begin("Value");
            WriteNumber(number);
            xml.WriteString(Encoding.ASCII.GetString(text[..length]) switch
            {
                "Infinity" => "INF",
                "-Infinity" => "-INF",
                var digits => digits,
            });
            xml.WriteEndElement();
        }
    }

    private void WriteInlineBinary(ReadOnlyMemory<byte> value)
    {
        ArraySegment<byte> bytes = MemoryMarshal.TryGetArray(value, out ArraySegment<byte> segment) ? segment : value.ToArray();
        Begin("InlineBinary");
        xml.WriteBase64(bytes.Array!, bytes.Offset, bytes.Count);
        xml.WriteEndElement();
    }

    private void Begin(string name)
    {
        if (options.IncludeXmlNamespace)
        {
            xml.WriteStartElement(name, DicomXmlWriter.Namespace);
        }
        else
        {
            xml.WriteStartElement(name);
        }
    }

    private void WriteNumber(int number) => xml.WriteAttributeString("number", number.ToString(CultureInfo.InvariantCulture));
}

/// <summary>Makes text that XML 1.0 can contain (section 2.2 of its specification).</summary>
internal static class XmlText
{
    public static string From(ReadOnlySpan<byte> utf8) => Clean(Encoding.UTF8.GetString(utf8));

    /// <summary>Replaces each character that XML forbids by U+FFFD.</summary>
    public static string Clean(string text)
    {
        char[]? cleaned = null;
        for (int index = 0; index < text.Length; index++)
        {
            if (XmlConvert.IsXmlChar(text[index]))
            {
                continue;
            }

            if (index + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[index + 1], text[index]))
            {
                index++;
                continue;
            }

            cleaned ??= text.ToCharArray();
            cleaned[index] = '\uFFFD';
        }

        return cleaned is null ? text : new string(cleaned);
    }
}
