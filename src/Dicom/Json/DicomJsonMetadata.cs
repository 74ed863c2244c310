using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;

namespace ImagingIngestion.Dicom;

/// <summary>
/// Metadata as the manifest keeps it: one DICOM JSON object of <see cref="DicomJsonWriter"/>, raw deflate, each BulkDataURI a path. It is handed
/// out without being parsed.
/// </summary>
public static class DicomJsonMetadata
{
    private const int BlockSize = 16 * 1024;

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

    /// <summary>
    /// Writes a data set as a JSON object and compresses it for the manifest, without holding the whole JSON in memory. Specific Character Set of the
    /// data set becomes that of the JSON.
    /// </summary>
    public static byte[] Compress(DicomDataset dataset)
    {
        Utf8CharacterSet.Declare(dataset);
        using var output = new BlockBuffer();
        using (var deflate = new DeflateStream(new BufferWriterStream(output), CompressionLevel.Fastest))
        using (var buffer = new StreamBufferWriter(deflate))
        {
            DicomJsonWriter.Write(dataset, buffer);
            buffer.Flush();
        }

        return output.ToArray();
    }

    /// <summary>Makes the base URL that <see cref="CopyTo"/> takes: UTF-8, escaped for a JSON string.</summary>
    /// <param name="url">What to put in front of each path, closing slash included.</param>
    public static byte[] EncodeBaseUrl(string url) => Encoding.UTF8.GetBytes(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(url));

    /// <summary>Writes the JSON object with the base URL in front of each BulkDataURI.</summary>
    /// <param name="compressed">What <see cref="Compress(DicomDataset)"/> gave.</param>
    /// <param name="encodedBaseUrl">What <see cref="EncodeBaseUrl"/> gave; empty to leave the paths relative.</param>
    /// <param name="output">Takes the UTF-8 text; it is not flushed.</param>
    /// <exception cref="InvalidDataException">The bytes are not a complete raw deflate stream.</exception>
    public static void CopyTo(ReadOnlyMemory<byte> compressed, ReadOnlySpan<byte> encodedBaseUrl, IBufferWriter<byte> output)
    {
        using MemoryStream source = AsStream(compressed);
        using var inflate = new DeflateStream(source, CompressionMode.Decompress);
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            Copy(inflate, block, encodedBaseUrl, output);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    // Neither the writer's strings (they escape quotation marks) nor its layout (no white space) can hold these bytes anywhere else.
    private static ReadOnlySpan<byte> Marker => "\"BulkDataURI\":\""u8;

    private static void Copy(DeflateStream inflate, byte[] block, ReadOnlySpan<byte> baseUrl, IBufferWriter<byte> output)
    {
        int kept = 0;
        byte lastByte = 0;
        while (true)
        {
            int read = inflate.Read(block, kept, block.Length - kept);
            ReadOnlySpan<byte> rest = block.AsSpan(0, kept + read);
            for (int at = rest.IndexOf(Marker); at >= 0; at = rest.IndexOf(Marker))
            {
                output.Write(rest[..(at + Marker.Length)]);
                output.Write(baseUrl);
                rest = rest[(at + Marker.Length)..];
            }

            // A marker may lie across two blocks: its longest possible beginning stays for the next one.
            kept = read == 0 ? 0 : Math.Min(rest.Length, Marker.Length - 1);
            output.Write(rest[..^kept]);
            lastByte = rest.IsEmpty ? lastByte : rest[^1];
            if (read == 0)
            {
                break;
            }

            rest[^kept..].CopyTo(block);
        }

        if (lastByte != '}')
        {
            throw new InvalidDataException("The stored metadata ends early: rebuild it from the object.");
        }
    }

    private static MemoryStream AsStream(ReadOnlyMemory<byte> bytes)
        => MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);
}
