using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;
using ImagingIngestion.Dicom.Xml;

namespace ImagingIngestion.Dicom.Json;

/// <summary>
/// Metadata as the manifest keeps it: one DICOM JSON object of <see cref="DicomJsonWriter"/>, raw deflate, each BulkDataURI a path. It is
/// handed out without being parsed.
/// </summary>
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

    /// <summary>
    /// Writes a data set as a JSON object and compresses it for the manifest, without holding the whole JSON in memory. Specific Character
    /// Set of the data set becomes that of the JSON.
    /// </summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="options">How large values are written.</param>
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
    /// <param name="url">What to put in front of each path, closing slash included.</param>
    public static byte[] EncodeBaseUrl(string url) => Encoding.UTF8.GetBytes(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(url));

    /// <summary>Writes the JSON object with the base URL in front of each BulkDataURI, and sends it as it grows.</summary>
    /// <param name="compressed">What <see cref="Compress(DicomDataset, DicomModelWriterOptions?)"/> gave.</param>
    /// <param name="encodedBaseUrl">What <see cref="EncodeBaseUrl"/> gave; empty to leave the paths relative.</param>
    /// <param name="output">Takes the UTF-8 text; what stays below its threshold is not flushed.</param>
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

    // Neither the writer's strings (they escape quotation marks) nor its layout (no white space) can hold these bytes anywhere else.
    private static ReadOnlySpan<byte> Marker => "\"BulkDataURI\":\""u8;

    /// <summary>Copies a block but for the end that may begin a marker, moves that to its front and returns its length.</summary>
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

/// <summary>
/// Collects bytes in pooled blocks, so that many of them cost neither copies nor large arrays until the one that is asked for.
/// </summary>
internal sealed class BlockBuffer : IBufferWriter<byte>, IDisposable
{
    private const int BlockSize = 64 * 1024;

    private readonly List<(byte[] Block, int Used)> _blocks = [];

    public void Advance(int count) => _blocks[^1] = (_blocks[^1].Block, _blocks[^1].Used + count);

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_blocks.Count == 0 || _blocks[^1].Block.Length - _blocks[^1].Used < Math.Max(1, sizeHint))
        {
            _blocks.Add((ArrayPool<byte>.Shared.Rent(Math.Max(BlockSize, sizeHint)), 0));
        }

        return _blocks[^1].Block.AsMemory(_blocks[^1].Used);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public byte[] ToArray()
    {
        byte[] all = new byte[_blocks.Sum(block => block.Used)];
        int position = 0;
        foreach ((byte[] block, int used) in _blocks)
        {
            block.AsSpan(0, used).CopyTo(all.AsSpan(position));
            position += used;
        }

        return all;
    }

    public void Dispose()
    {
        _blocks.ForEach(block => ArrayPool<byte>.Shared.Return(block.Block));
        _blocks.Clear();
    }
}

/// <summary>Lets a writer that wants a buffer write to a stream block by block. What is left is written by <see cref="Flush"/>.</summary>
internal sealed class StreamBufferWriter(Stream output) : IBufferWriter<byte>, IDisposable
{
    private const int BlockSize = 32 * 1024;

    private byte[] _block = ArrayPool<byte>.Shared.Rent(BlockSize);
    private int _used;

    public void Advance(int count) => _used += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(1, sizeHint));
        return _block.AsMemory(_used);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Flush()
    {
        output.Write(_block.AsSpan(0, _used));
        _used = 0;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_block);

    private void MakeRoom(int size)
    {
        if (_block.Length - _used >= size)
        {
            return;
        }

        Flush();
        if (_block.Length < size)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(size);
            ArrayPool<byte>.Shared.Return(_block);
            _block = larger;
        }
    }
}

/// <summary>
/// Makes Specific Character Set (0008,0005) of data sets that are written as UTF-8 say so (PS3.18 section F.2), while their text is still
/// decoded by the set that they were read with.
/// </summary>
internal static class Utf8CharacterSet
{
    private static readonly ReadOnlyMemory<byte> Name = "ISO_IR 192"u8.ToArray();

    /// <summary>Changes the element where it is, in items too; the root gets one where undeclared text is not ASCII.</summary>
    public static void Declare(DicomDataset root)
    {
        if (Visit(root) && !root.TryGet(DicomTag.SpecificCharacterSet, out _))
        {
            root.Set(Element());
        }
    }

    /// <summary>Returns whether there is text beyond ASCII. Items wait on a stack: they may be nested deeply.</summary>
    private static bool Visit(DicomDataset root)
    {
        bool isBeyondAscii = false;
        Stack<DicomDataset> waiting = new([root]);
        while (waiting.TryPop(out DicomDataset? dataset))
        {
            // Once it is asked for, the set stays whatever becomes of the element.
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
