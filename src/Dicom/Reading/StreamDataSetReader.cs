using System.Buffers;

namespace ImagingIngestion.Dicom;

/// <summary>Reads the data set of a stored object whose encoding is known, passing over bulk values where the stream can seek.</summary>
public static class StreamDataSetReader
{
    private const int BlockSize = 64 << 10;
    private const int WorthSeeking = 256 << 10;

    /// <summary>Reads from the stream's position, the first byte of the data set, to its end; a deflated stream is disposed of.</summary>
    /// <exception cref="DicomParseException">The bytes are no data set in that syntax.</exception>
    public static async Task<DicomDataset> ReadAsync(Stream stream, TransferSyntax syntax, DicomReaderOptions options, CancellationToken cancellationToken)
    {
        DataSetParser parser = new(syntax, options);
        Stream source = syntax.IsDeflated ? await DeflatedBytes.OpenAsync(stream, cancellationToken) : stream;
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            int count;
            while ((count = await source.ReadAsync(block, cancellationToken)) > 0)
            {
                parser.Feed(block.AsSpan(0, count));
                if (source.CanSeek && parser.Skippable >= WorthSeeking)
                {
                    long skip = Math.Min(parser.Skippable, source.Length - source.Position);
                    source.Seek(skip, SeekOrigin.Current);
                    parser.Skip(skip);
                }
            }
        }
        catch (InvalidDataException exception)
        {
            throw new DicomParseException(DicomParseError.BadDeflate, "The deflated data set is corrupt", "", parser.Offset, exception);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
            if (source != stream)
            {
                await source.DisposeAsync();
            }
        }

        parser.Complete();
        return parser.Dataset;
    }
}
