using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Json;

/// <summary>
/// Writes data sets in the DICOM JSON Model (PS3.18 annex F). Choices where the standard leaves room: decimal and integer strings are
/// numbers with their own digits, or strings when their text is no JSON number (<c>+1</c>, <c>007</c>, <c>.5</c>); 64-bit integers beyond
/// 2^53, NaN and infinities are strings; more than three component groups of a name stay in Phonetic; what is left over of a numeric value
/// field that is no multiple of its unit is dropped; unknown VRs are written as UN.
/// </summary>
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
    /// A writer with the settings that suit DICOM JSON: UTF-8 as it is, no white space, no limit that a deep data set could meet.
    /// </summary>
    public static Utf8JsonWriter CreateUtf8Writer(IBufferWriter<byte> output) => new(output, WriterOptions);

    /// <summary>Writes one data set as one JSON object.</summary>
    public static void Write(DicomDataset dataset, IBufferWriter<byte> output, DicomModelWriterOptions? options = null)
    {
        using Utf8JsonWriter json = CreateUtf8Writer(output);
        Write(dataset, json, options);
    }

    /// <summary>
    /// Writes one data set as one JSON object where the writer stands; a writer that was not made by <see cref="CreateUtf8Writer"/> needs a
    /// sufficient MaxDepth, three for each nested sequence.
    /// </summary>
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

    /// <summary>One data set as UTF-8.</summary>
    public static byte[] ToUtf8(DicomDataset dataset, DicomModelWriterOptions? options = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Write(dataset, buffer, options);
        return buffer.WrittenSpan.ToArray();
    }
}
