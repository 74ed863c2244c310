using System.Runtime.InteropServices;
using System.Xml;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Xml;

/// <summary>
/// Reads the Native DICOM Model (PS3.19 section A.1), with or without its namespace, into a data set whose text is UTF-8, whatever
/// (0008,0005) says. Lenient: a missing vr comes from the dictionary, unknown elements are passed over, private elements may keep their
/// block number or lack their reservation. A document type declaration is refused.
/// </summary>
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
            // The message of the fault may hold a part of the text.
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
