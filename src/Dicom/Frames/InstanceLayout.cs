using System.Globalization;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Dicom.Frames;

/// <summary>
/// Where bulk values and frames of an instance lie: with it, retrieves read ranges of the stored object and never parse it.
/// </summary>
/// <param name="Bulk">All bulk values that can be retrieved, in the order of the data set.</param>
/// <param name="Frames">The frames; null where there are none or their beginnings cannot be told.</param>
public sealed record InstanceLayout(IReadOnlyList<BulkLocation> Bulk, FrameIndex? Frames)
{
    /// <summary>How the data set is encoded.</summary>
    public StoredEncoding Encoding { get; init; }

    public static InstanceLayout Of(ParsedInstance instance)
    {
        List<BulkLocation> bulk = [];
        Collect(instance.Dataset, "", instance.Frames, bulk);
        return new InstanceLayout(bulk, instance.Frames) { Encoding = StoredEncoding.Of(instance) };
    }

    /// <summary>
    /// Returns what the BulkDataURI of a value ends with, null where it cannot be retrieved: fragments mean something only as frames, and
    /// only those of the instance's own Pixel Data are known. Pixel data that is not what the transfer syntax says has no true label to
    /// leave under.
    /// </summary>
    /// <param name="stored">The transfer syntax of the instance.</param>
    /// <param name="element">A bulk value.</param>
    /// <param name="path">Where it is in the data set.</param>
    public string? BulkDataUri(TransferSyntax stored, DicomElement element, string path)
        => element.Bulk is { } bulk && CanRetrieve(bulk, path, Frames)
            && !(path == DicomTag.PixelData.ToHex() && stored.Contradicts(bulk.IsEncapsulated)) ? path : null;

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are no layout, or one of a newer version.</exception>
    public static InstanceLayout Read(ReadOnlySpan<byte> bytes) => InstanceLayoutFormat.Read(bytes);

    /// <summary>A compact form for the manifest.</summary>
    public byte[] ToBytes() => InstanceLayoutFormat.Write(this);

    private static bool CanRetrieve(BulkValue value, string path, FrameIndex? frames)
        => value.Uri is null && (!value.IsEncapsulated || (frames is not null && path == DicomTag.PixelData.ToHex()));

    private static void Collect(DicomDataset dataset, string prefix, FrameIndex? frames, List<BulkLocation> bulk)
    {
        foreach (DicomElement element in dataset.Elements)
        {
            if (element.Bulk is { } value && prefix + element.Tag.ToHex() is var path && CanRetrieve(value, path, frames))
            {
                bulk.Add(new BulkLocation(path, element.VR, new ByteRange(value.Offset, value.Length), value.IsEncapsulated));
            }

            for (int item = 0; item < (element.Items?.Count ?? 0); item++)
            {
                Collect(
                    element.Items![item], $"{prefix}{element.Tag.ToHex()}/{item.ToString(CultureInfo.InvariantCulture)}/", frames, bulk);
            }
        }
    }
}

/// <summary>A bulk value of an instance and the path under which retrieves name it.</summary>
/// <param name="Path">Tags in upper-case hexadecimal and 0-based item numbers, as in <c>54000100/0/54001010</c>.</param>
/// <param name="VR">The VR of the element.</param>
/// <param name="Range">The value field, in bytes from the start of the data set (inflated where deflated).</param>
/// <param name="IsEncapsulated">The range holds a sequence of fragments.</param>
public sealed record BulkLocation(string Path, DicomVR VR, ByteRange Range, bool IsEncapsulated);
