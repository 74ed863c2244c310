using ImagingIngestion.Dicom;
using ImagingIngestion.Grains;

namespace ImagingIngestion.Gateways;

/// <summary>
/// Sends an instance with native pixel data in Explicit or Implicit VR Little Endian. Values are re-encoded from a first pass that leaves bulk
/// values out; those are copied by range. A deflated data set is explicit little endian already and becomes that by mere inflating.
/// </summary>
/// <param name="objects">Where the instances are.</param>
/// <param name="options">Limits of the first pass.</param>
/// <param name="target">The one that it becomes.</param>
internal sealed class DataSetTranscoder(VerifiedObjects objects, DicomReaderOptions options, TransferSyntax target)
{
    private const int WorthReopening = 1 << 20;

    /// <summary>Reads what must be read before the first byte can be sent, so that what cannot be re-encoded is found early.</summary>
    /// <exception cref="DicomParseException">The stored object cannot be read, though it is what was stored.</exception>
    public async Task<DicomDataset?> PrepareAsync(InstanceState instance, CancellationToken cancellationToken)
    {
        await using var bytes = new InstanceBytes(objects, instance);
        try
        {
            return bytes.Syntax.IsDeflated && target == TransferSyntax.ExplicitVRLittleEndian ? null : await ReadAsync(bytes, cancellationToken);
        }
        catch (Exception exception) when (exception is DicomParseException or InvalidDataException)
        {
            await objects.VerifyAsync(instance, cancellationToken);
            throw;
        }
    }

    /// <summary>Writes a Part 10 file.</summary>
    /// <param name="instance">The row.</param>
    /// <param name="prepared">What <see cref="PrepareAsync"/> gave for it.</param>
    /// <param name="output">Takes the file.</param>
    /// <param name="cancellationToken">Ends the copy.</param>
    public async Task WriteAsync(InstanceState instance, DicomDataset? prepared, Stream output, CancellationToken cancellationToken)
    {
        await output.WriteAsync(FileMetaWriter.Write(instance.SopClass.Value, instance.Id.Sop.Value, target.Uid), cancellationToken);
        await WriteDataSetAsync(instance, prepared, output, cancellationToken);
    }

    /// <summary>Writes the data set alone. It is good only when this returns: the bytes that it is made of are verified at the end.</summary>
    /// <param name="instance">The row.</param>
    /// <param name="prepared">What <see cref="PrepareAsync"/> gave for it.</param>
    /// <param name="output">Takes the data set.</param>
    /// <param name="cancellationToken">Ends the copy.</param>
    public async Task WriteDataSetAsync(InstanceState instance, DicomDataset? prepared, Stream output, CancellationToken cancellationToken)
    {
        await using var bytes = new InstanceBytes(objects, instance, isWhole: true);
        var buffered = new BufferedStream(output, StreamCopy.BlockSize);
        if (prepared is null)
        {
            await InflateAsync(instance, bytes, buffered, cancellationToken);
        }
        else
        {
            await new DataSetWriter(buffered, CopyBulkAsync, target).WriteAsync(prepared, cancellationToken);
        }

        await bytes.CompleteAsync(cancellationToken);
        await buffered.FlushAsync(cancellationToken);

        async Task CopyBulkAsync(DicomElement element, Stream sink, CancellationToken token)
        {
            var range = new ByteRange(element.Bulk!.Offset, element.Bulk.Length);
            Stream value = await bytes.OpenValueAsync(range, element.VR, 0, range.Length, token);
            await StreamCopy.ToStreamAsync(value, range.Length, sink, token);
        }
    }

    private async Task InflateAsync(InstanceState instance, InstanceBytes bytes, Stream output, CancellationToken cancellationToken)
    {
        try
        {
            Stream inflated = await bytes.OpenAsync(0, bytes.StoredLength, cancellationToken);
            await inflated.CopyToAsync(output, StreamCopy.BlockSize, cancellationToken);
        }
        catch (InvalidDataException)
        {
            await objects.VerifyAsync(instance, cancellationToken);
            throw;
        }
    }

    private async Task<DicomDataset> ReadAsync(InstanceBytes bytes, CancellationToken cancellationToken)
    {
        var parser = new DataSetParser(bytes.Syntax, options);
        var block = new byte[StreamCopy.BlockSize];

        // How long an inflated data set is shows only at its end.
        long end = bytes.Syntax.IsDeflated ? long.MaxValue : bytes.StoredLength;
        while (parser.Offset < end)
        {
            Stream stream = await bytes.OpenAsync(parser.Offset, end - parser.Offset, cancellationToken);
            int count;
            while (parser.Skippable < WorthReopening && (count = await stream.ReadAsync(block, cancellationToken)) > 0)
            {
                parser.Feed(block.AsSpan(0, count));
            }

            if (parser.Skippable < WorthReopening)
            {
                break;
            }

            parser.Skip(Math.Min(parser.Skippable, end - parser.Offset));
        }

        parser.Complete();
        return parser.Dataset;
    }
}
