using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Json;

/// <summary>
/// Metadata as the manifest keeps it: one DICOM JSON object of <see cref="DicomJsonWriter"/>, raw deflate, each BulkDataURI a path.
/// </summary>
/// <remarks>It is sent without being parsed.</remarks>
public static class DicomJsonMetadata
{
    private const int BlockSize = 16 * 1024;
    private const int FlushThreshold = 64 * 1024;

    /// <summary>Compresses a JSON object for the manifest.</summary>
    public static byte[] Compress(ReadOnlySpan<byte> json)
    {
        using var output = new MemoryStream((json.Length / 3) + 64);
        using (var deflate = new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(json);
        }

        return output.ToArray();
    }

    /// <summary>Writes a data set as a JSON object and compresses it for the manifest, without holding the whole JSON in memory.</summary>
    /// <remarks>Specific Character Set of the data set becomes that of the JSON.</remarks>
    /// <param name="dataset">The data set.</param>
    /// <param name="options">Options for large values.</param>
    public static byte[] Compress(DicomDataset dataset, DicomModelWriterOptions? options = null)
    {
        Utf8CharacterSet.Declare(dataset);
        using var output = new BlockBuffer();
        using (var deflate = new DeflateStream(new BufferWriterStream(output), CompressionLevel.Fastest))
        using (var buffer = new StreamBufferWriter(deflate))
        {
            DicomJsonWriter.Write(dataset, buffer, options);
            buffer.Flush();
        }

        return output.ToArray();
    }

    /// <summary>Makes the base URL that <see cref="CopyToAsync"/> takes: UTF-8, escaped for a JSON string.</summary>
    /// <param name="url">The prefix of each path, closing slash included.</param>
    public static byte[] EncodeBaseUrl(string url) => Encoding.UTF8.GetBytes(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(url));

    /// <summary>Writes the JSON object with the base URL before each BulkDataURI, and sends it as it grows.</summary>
    /// <param name="compressed">The result of <see cref="Compress(DicomDataset, DicomModelWriterOptions?)"/>.</param>
    /// <param name="encodedBaseUrl">The result of <see cref="EncodeBaseUrl"/>; empty to leave the paths relative.</param>
    /// <param name="output">Receives the UTF-8 text; bytes below its threshold are not flushed.</param>
    /// <param name="cancellationToken">Ends the copy.</param>
    /// <exception cref="InvalidDataException">The bytes are not a complete raw deflate stream.</exception>
    public static async Task CopyToAsync(Stream compressed, byte[] encodedBaseUrl, PipeWriter output, CancellationToken cancellationToken)
    {
        using var inflate = new DeflateStream(compressed, CompressionMode.Decompress, leaveOpen: true);
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            int kept = 0;
            byte lastByte = 0;
            int read;
            do
            {
                read = await inflate.ReadAsync(block.AsMemory(kept), cancellationToken);
                kept = Copy(block, kept + read, isLast: read == 0, encodedBaseUrl, output, ref lastByte);
                if (output.UnflushedBytes >= FlushThreshold)
                {
                    await output.FlushAsync(cancellationToken);
                }
            }
            while (read > 0);

            if (lastByte != '}')
            {
                throw new InvalidDataException("The stored metadata ends early: rebuild it from the object.");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    // Neither the writer's strings (quotation marks are escaped) nor its layout (no white space) can contain these bytes elsewhere.
    private static ReadOnlySpan<byte> Marker => "\"BulkDataURI\":\""u8;

    /// <summary>Copies a block except for an end that may begin a marker, moves that end to the front and returns its length.</summary>
    private static int Copy(byte[] block, int filled, bool isLast, ReadOnlySpan<byte> baseUrl, PipeWriter output, ref byte lastByte)
    {
        ReadOnlySpan<byte> rest = block.AsSpan(0, filled);
        for (int at = rest.IndexOf(Marker); at >= 0; at = rest.IndexOf(Marker))
        {
            output.Write(rest[..(at + Marker.Length)]);
            output.Write(baseUrl);
            rest = rest[(at + Marker.Length)..];
        }

        int kept = isLast ? 0 : Math.Min(rest.Length, Marker.Length - 1);
        output.Write(rest[..^kept]);
        lastByte = rest.IsEmpty ? lastByte : rest[^1];
        rest[^kept..].CopyTo(block);
        return kept;
    }
}

/// <summary>Sets Specific Character Set (0008,0005) of data sets that are written as UTF-8 (PS3.18 section F.2).</summary>
/// <remarks>Their text is still decoded with the set that they were read with.</remarks>
internal static class Utf8CharacterSet
{
    private static readonly ReadOnlyMemory<byte> Name = "ISO_IR 192"u8.ToArray();

    /// <summary>Changes the element in the data set and its items; adds it to the root if undeclared text is not ASCII.</summary>
    public static void Declare(DicomDataset root)
    {
        if (Visit(root) && !root.TryGet(DicomTag.SpecificCharacterSet, out _))
        {
            root.Set(Element());
        }
    }

    /// <summary>Returns whether there is text beyond ASCII.</summary>
    /// <remarks>Items wait on a stack, because they may be nested deeply.</remarks>
    private static bool Visit(DicomDataset root)
    {
        bool isBeyondAscii = false;
        Stack<DicomDataset> waiting = new([root]);
        while (waiting.TryPop(out DicomDataset? dataset))
        {
            // Reading the property fixes the set, whatever becomes of the element.
            _ = dataset.CharacterSet;
            if (dataset.TryGet(DicomTag.SpecificCharacterSet, out DicomElement? named) && !named.IsEmpty)
            {
                dataset.Set(Element());
            }

            foreach (DicomElement element in dataset.Elements)
            {
                isBeyondAscii |= element.VR.Traits().UsesCharacterSet && element.Value.Span.ContainsAnyExceptInRange((byte)0, (byte)0x7F);
                foreach (DicomDataset item in element.Items ?? [])
                {
                    waiting.Push(item);
                }
            }
        }

        return isBeyondAscii;
    }

    private static DicomElement Element() => new(DicomTag.SpecificCharacterSet, DicomVR.CS, Name);
}
