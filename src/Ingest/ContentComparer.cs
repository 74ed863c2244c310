using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Ingest;

/// <summary>
/// Compares two stored objects in different uncompressed transfer syntaxes element by element (design D3). Group lengths, file meta and trailing
/// padding do not count, nor does the padding of a value. Bulk values are compared in blocks.
/// </summary>
public sealed class ContentComparer(IObjectStore objects, DicomReaderOptions options)
{
    private const uint DataSetTrailingPadding = 0xFFFC_FFFC;

    /// <summary>Returns whether both objects hold the same data set; false also where one of them cannot be read as DICOM: the caller finds out why.</summary>
    /// <param name="left">One of them.</param>
    /// <param name="right">The other.</param>
    /// <param name="cover">Called with the bytes of memory that both take so far; throws where there are not so many.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ObjectStoreException">One of them cannot be read from its store.</exception>
    internal async Task<bool> AreEqualAsync(InstanceState left, InstanceState right, Func<long, CancellationToken, ValueTask> cover, CancellationToken cancellationToken)
    {
        long leftBytes = 0;
        try
        {
            await using StoredDataSet leftSet = await StoredDataSet.OpenAsync(objects, left, options, (bytes, token) => cover(leftBytes = bytes, token), cancellationToken);
            await using StoredDataSet rightSet = await StoredDataSet.OpenAsync(objects, right, options, (bytes, token) => cover(leftBytes + bytes, token), cancellationToken);
            return await AreEqualAsync(leftSet.Root, rightSet.Root, leftSet, rightSet, cancellationToken);
        }
        catch (Exception exception) when (exception is DicomParseException or InvalidDataException or EndOfStreamException)
        {
            return false;
        }
    }

    private static async Task<bool> AreEqualAsync(DicomDataset left, DicomDataset right, StoredDataSet leftSet, StoredDataSet rightSet, CancellationToken cancellationToken)
    {
        DicomElement[] leftElements = [.. left.Elements.Where(Counts)];
        DicomElement[] rightElements = [.. right.Elements.Where(Counts)];
        if (leftElements.Length != rightElements.Length)
        {
            return false;
        }

        for (int index = 0; index < leftElements.Length; index++)
        {
            if (!await AreEqualAsync(leftElements[index], rightElements[index], leftSet, rightSet, cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    private static async Task<bool> AreEqualAsync(DicomElement left, DicomElement right, StoredDataSet leftSet, StoredDataSet rightSet, CancellationToken cancellationToken)
    {
        if (left.Tag != right.Tag || left.Items?.Count != right.Items?.Count)
        {
            return false;
        }

        for (int item = 0; item < (left.Items?.Count ?? 0); item++)
        {
            if (!await AreEqualAsync(left.Items![item], right.Items![item], leftSet, rightSet, cancellationToken))
            {
                return false;
            }
        }

        if (left.Items is not null)
        {
            return true;
        }

        if (left.Bulk is null && right.Bulk is null)
        {
            return ValuesEqual(left.Value.Span, right.Value.Span);
        }

        await using ElementContent? leftContent = await leftSet.OpenContentAsync(left, cancellationToken);
        await using ElementContent? rightContent = await rightSet.OpenContentAsync(right, cancellationToken);
        return leftContent is not null && rightContent is not null && await ElementContent.AreEqualAsync(leftContent, rightContent, cancellationToken);
    }

    private static bool Counts(DicomElement element) => element.Tag.Group > 0x0002 && !element.Tag.IsGroupLength && element.Tag.Value != DataSetTrailingPadding;

    /// <summary>Equal but for one byte of padding.</summary>
    private static bool ValuesEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int common = Math.Min(left.Length, right.Length);
        ReadOnlySpan<byte> rest = left.Length > common ? left[common..] : right[common..];
        return left[..common].SequenceEqual(right[..common]) && rest.Length <= 1 && (rest.IsEmpty || rest[0] is 0 or (byte)' ');
    }
}
