using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Xml;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Xml;

/// <summary>
/// Writes data sets in the Native DICOM Model (PS3.19 section A.1). Private elements carry their creator and no block number, the elements
/// that reserve the blocks stay, and an element whose block nobody reserved keeps its full tag. Lost: empty components at the end of a
/// component group, characters that XML 1.0 cannot hold (U+FFFD takes their place), which of several blocks of one creator an element was
/// in, and what is left over of a numeric value field that is no multiple of its unit.
/// </summary>
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

    /// <summary>One data set as one XML document in UTF-8.</summary>
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
