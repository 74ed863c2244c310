using System.Text.Json;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Json;

/// <summary>
/// Reads the DICOM JSON Model (PS3.18 annex F) into data sets whose text is UTF-8, whatever (0008,0005) says. Lenient: numbers or strings
/// for numeric VRs, members in any order, a missing vr from the dictionary, hexadecimal digits in either case, unknown members, null places
/// (NaN among floating point numbers); of two members with one tag the first stays. Padding that InlineBinary lacks is not added.
/// </summary>
public static class DicomJsonReader
{
    /// <summary>Reads one object, or an array that holds exactly one.</summary>
    /// <exception cref="DicomJsonException">The text is not the DICOM JSON Model, or breaks a limit.</exception>
    public static DicomDataset Read(ReadOnlySpan<byte> utf8, DicomModelReaderOptions? options = null)
        => ReadAll(utf8, options) is [var single] ? single : throw new DicomJsonException("exactly one data set is expected", "", 0);

    /// <summary>Reads an array of objects, or one object as an array of one.</summary>
    /// <exception cref="DicomJsonException">The text is not the DICOM JSON Model, or breaks a limit.</exception>
    public static IReadOnlyList<DicomDataset> ReadAll(ReadOnlySpan<byte> utf8, DicomModelReaderOptions? options = null)
    {
        options ??= DicomModelReaderOptions.Default;
        ReadOnlySpan<byte> text = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        var scope = new DocumentScope(options);
        var parser = new JsonDatasetParser(text, scope, options.MaxDepth);
        try
        {
            return parser.ReadDocument();
        }
        catch (JsonException)
        {
            // The message of the fault may hold a character of the text.
            throw new DicomJsonException("the text is not valid JSON, or ends early", scope.Path(), parser.Offset);
        }
    }
}

/// <summary>Text that is not JSON, or JSON that is not the DICOM JSON Model (PS3.18 annex F).</summary>
public sealed class DicomJsonException(string reason, string tagPath, long byteOffset, Exception? inner = null)
    : DicomModelException($"{reason} (at byte {byteOffset})", tagPath, inner)
{
    /// <summary>Where reading stopped, in bytes from the start of the text.</summary>
    public long ByteOffset { get; } = byteOffset;
}
