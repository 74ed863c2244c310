using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Xml;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Xml;

/// <summary>Reads the Native DICOM Model (PS3.19 section A.1) into a data set whose text is UTF-8, whatever (0008,0005) says.</summary>
/// <remarks>
/// The reader is lenient. It accepts documents with or without the namespace, takes a missing vr from the dictionary, and skips unknown
/// elements. Private elements may keep their block number or lack their reservation. A document type declaration is refused.
/// </remarks>
public static class DicomXmlReader
{
    /// <exception cref="DicomXmlException">The text is not the Native DICOM Model, or breaks a limit.</exception>
    public static DicomDataset Read(Stream input, DicomModelReaderOptions? options = null)
    {
        options ??= DicomModelReaderOptions.Default;
        var scope = new DocumentScope(options);
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = options.MaxXmlCharacters,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        };
        try
        {
            using var xml = XmlReader.Create(input, settings);
            return new XmlDatasetParser(xml, scope).ReadDocument();
        }
        catch (XmlException fault)
        {
            // The message of the exception may contain a part of the text.
            throw new DicomXmlException(
                "the text is not well-formed XML, has a document type declaration, or is too long", scope.Path(), fault.LineNumber);
        }
    }

    /// <exception cref="DicomXmlException">The text is not the Native DICOM Model, or breaks a limit.</exception>
    public static DicomDataset Read(ReadOnlyMemory<byte> document, DicomModelReaderOptions? options = null)
    {
        ArraySegment<byte> bytes = MemoryMarshal.TryGetArray(document, out ArraySegment<byte> segment) ? segment : document.ToArray();
        using var stream = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        return Read(stream, options);
    }
}

/// <summary>Text that is not XML, or XML that is not the Native DICOM Model (PS3.19 annex A.1).</summary>
public sealed class DicomXmlException(string reason, string tagPath, int line, Exception? inner = null)
    : DicomModelException($"{reason} (at line {line})", tagPath, inner)
{
    /// <summary>The line at which reading stopped, 1-based; 0 if unknown.</summary>
    public int Line { get; } = line;
}

/// <summary>Parses a Native DICOM Model document in one pass.</summary>
internal sealed class XmlDatasetParser(XmlReader xml, DocumentScope scope)
{
    private static readonly string[] NameGroups = ["Alphabetic", "Ideographic", "Phonetic"];
    private static readonly string[] NameComponents = ["FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix"];

    public DicomDataset ReadDocument()
    {
        xml.MoveToContent();
        if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "NativeDicomModel")
        {
            throw Fault("the root element must be NativeDicomModel");
        }

        DicomDataset dataset = ReadDataset(null, 0);
        while (!xml.EOF)
        {
            xml.Read();
        }

        return dataset;
    }

    // The reader is on NativeDicomModel or Item; afterwards it is behind the end of it.
    private DicomDataset ReadDataset(DicomDataset? parent, int depth)
    {
        Check(scope.CheckDepth(depth));
        var dataset = new DicomDataset(parent) { CharacterSet = SpecificCharacterSet.Utf8 };
        int mark = scope.ElementMark;
        List<(DicomElement Element, string Creator)> unplaced = [];
        for (bool more = EnterChildren(); more; more = NextChild())
        {
            if (xml.LocalName != "DicomAttribute")
            {
                xml.Skip();
                continue;
            }

            string? creator = xml.GetAttribute("privateCreator");
            DicomElement element = ReadAttribute(dataset, depth);
            if (creator?.Length > 0 && element.Tag.IsPrivate && element.Tag.Element <= 0xFF)
            {
                unplaced.Add((element, creator));
            }
            else
            {
                scope.Add(element);
            }
        }

        List<DicomElement> elements = scope.Take(mark);
        Place(elements, unplaced);
        DocumentScope.Fill(dataset, elements);
        return dataset;
    }

    private void Place(List<DicomElement> elements, List<(DicomElement Element, string Creator)> unplaced)
    {
        if (unplaced.Count == 0)
        {
            return;
        }

        var blocks = new PrivateBlocks(elements);
        foreach ((DicomElement element, string creator) in unplaced)
        {
            if (!blocks.TryPlace(element, creator))
            {
                throw Fault($"group {element.Tag.Group:X4} has no free block for another private creator");
            }
        }
    }

    private DicomElement ReadAttribute(DicomDataset owner, int depth)
    {
        if (!DicomTag.TryParseHex(xml.GetAttribute("tag"), out DicomTag tag))
        {
            throw Fault("the tag of a DicomAttribute must be eight hexadecimal digits");
        }

        scope.EnterElement(tag);
        Check(scope.Spend());
        DicomVR? vr = xml.GetAttribute("vr") is not { } code ? null : DicomVRTable.TryParse(code, out DicomVR known) ? known : DicomVR.UN;
        byte[]? inline = null;
        string? uri = null;
        ValueCollector.Mark mark = scope.Values.Position;
        for (bool more = EnterChildren(); more; more = NextChild())
        {
            switch (xml.LocalName)
            {
                case "Value":
                    BeginValue(mark);
                    scope.Values.AddText(Encoding.UTF8.GetBytes(xml.ReadElementContentAsString()));
                    break;
                case "PersonName":
                    BeginValue(mark);
                    scope.Values.AddText(Encoding.UTF8.GetBytes(ReadName()));
                    break;
                case "Item":
                    Check(scope.Spend());
                    scope.EnterItem();
                    scope.Values.AddItem(ReadDataset(owner, depth + 1));
                    break;
                case "InlineBinary":
                    inline = ReadInlineBinary();
                    break;
                case "BulkData":
                    uri = xml.GetAttribute("uri")
                        ?? (xml.GetAttribute("uuid") is { } uuid ? "urn:uuid:" + uuid : throw Fault("BulkData needs a uri or a uuid"));
                    xml.Skip();
                    break;
                default:
                    xml.Skip();
                    break;
            }
        }

        Check(ElementAssembler.TryAssemble(scope, mark, new ElementContent(tag, vr, inline, uri), owner, out DicomElement element));
        scope.Values.Return(mark);
        scope.LeaveElement();
        return element;
    }

    // Writers that leave out empty values still number the others.
    private void BeginValue(ValueCollector.Mark mark)
    {
        Check(scope.Spend());
        if (int.TryParse(xml.GetAttribute("number"), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            while (scope.Values.Since(mark).Length < number - 1)
            {
                Check(scope.Spend());
                scope.Values.AddNothing();
            }
        }
    }

    private string ReadName()
    {
        string[] groups = ["", "", ""];
        for (bool more = EnterChildren(); more; more = NextChild())
        {
            int group = Array.IndexOf(NameGroups, xml.LocalName);
            if (group < 0)
            {
                xml.Skip();
                continue;
            }

            groups[group] = ReadComponents();
        }

        return string.Join('=', groups).TrimEnd('=');
    }

    private string ReadComponents()
    {
        string[] components = ["", "", "", "", ""];
        for (bool more = EnterChildren(); more; more = NextChild())
        {
            int component = Array.IndexOf(NameComponents, xml.LocalName);
            if (component < 0)
            {
                xml.Skip();
                continue;
            }

            components[component] = xml.ReadElementContentAsString();
        }

        return string.Join('^', components).TrimEnd('^');
    }

    private byte[] ReadInlineBinary()
    {
        try
        {
            return Convert.FromBase64String(xml.ReadElementContentAsString());
        }
        catch (FormatException)
        {
            throw Fault("InlineBinary is not base64");
        }
    }

    // Moves from an element to its first child element; if there is none, moves behind the element and returns false.
    private bool EnterChildren()
    {
        bool isEmpty = xml.IsEmptyElement;
        xml.Read();
        return !isEmpty && NextChild();
    }

    // Moves to the next child element unless the reader is on one; if there is none, moves behind the parent and returns false.
    private bool NextChild()
    {
        while (xml.NodeType is not (XmlNodeType.Element or XmlNodeType.EndElement) && xml.Read())
        {
        }

        if (xml.NodeType == XmlNodeType.Element)
        {
            return true;
        }

        xml.Read();
        return false;
    }

    private void Check(string? fault)
    {
        if (fault is not null)
        {
            throw Fault(fault);
        }
    }

    private DicomXmlException Fault(string reason) => new(reason, scope.Path(), (xml as IXmlLineInfo)?.LineNumber ?? 0);
}
