using System.Buffers;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Dicom.Reading;

/// <summary>Reads the data set of a stored object whose encoding is known; skips bulk values if the stream can seek.</summary>
public static class StreamDataSetReader
{
    private const int BlockSize = 64 << 10;
    private const int WorthSeeking = 256 << 10;

    /// <summary>Reads from the stream's position, the first byte of the data set, to its end; disposes of a deflated stream.</summary>
    /// <param name="stream">The bytes.</param>
    /// <param name="syntax">Their encoding.</param>
    /// <param name="options">Limits.</param>
    /// <param name="cover">
    /// Called with the bytes of memory that the data set takes so far; throws if there are not that many. Null for no check.
    /// </param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="DicomParseException">The bytes are not a data set in that syntax.</exception>
    public static async Task<DicomDataset> ReadAsync(
        Stream stream, TransferSyntax syntax, DicomReaderOptions options, Func<long, CancellationToken, ValueTask>? cover,
        CancellationToken cancellationToken)
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
                await (cover?.Invoke(parser.MemoryBytes, cancellationToken) ?? ValueTask.CompletedTask);
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
