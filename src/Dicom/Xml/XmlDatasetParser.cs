using System.Globalization;
using System.Text;
using System.Xml;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Xml;

/// <summary>One pass over a Native DICOM Model document.</summary>
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

    // Stands on NativeDicomModel or Item, and leaves behind its end.
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

    // Writers that leave empty values out still number the others.
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

    // Moves from an element to its first child element; false, and behind the element, when it has none.
    private bool EnterChildren()
    {
        bool isEmpty = xml.IsEmptyElement;
        xml.Read();
        return !isEmpty && NextChild();
    }

    // Moves to the next child element unless it stands on one; false, and behind the end of the parent, when there is none.
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

/// <summary>Text that is not XML, or XML that is not the Native DICOM Model (PS3.19 annex A.1).</summary>
public sealed class DicomXmlException(string reason, string tagPath, int line, Exception? inner = null)
    : DicomModelException($"{reason} (at line {line})", tagPath, inner)
{
    /// <summary>Where reading stopped, 1-based; 0 when not known.</summary>
    public int Line { get; } = line;
}
