using System.IO.Compression;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Reading;

namespace ImagingIngestion.Dicom.Tests.Support;

/// <summary>A file as our reader sees it, with the data set bytes for access to bulk values and frames.</summary>
internal sealed record ReadFile(ParsedInstance Instance, byte[] DataSet)
{
    public const int BlockSize = 64 << 10;

    /// <exception cref="DicomParseException">The bytes cannot be read.</exception>
    public static ReadFile Read(ReadOnlyMemory<byte> file, int blockSize = BlockSize)
    {
        using InstanceParser parser = new(DicomReaderOptions.Default);
        using MemoryStream dataSet = new();
        for (int offset = 0; offset < file.Length; offset += blockSize)
        {
            Keep(parser.Feed(file.Slice(offset, Math.Min(blockSize, file.Length - offset))));
        }

        Keep(parser.FinishHead());
        ParsedInstance instance = parser.Complete();
        return new ReadFile(instance, instance.TransferSyntax.IsDeflated ? Inflate(dataSet.ToArray()) : dataSet.ToArray());

        void Keep(DataSetBytes bytes)
        {
            dataSet.Write(bytes.Held.Span);
            dataSet.Write(bytes.Block.Span);
        }
    }

    /// <summary>Returns null and the typed reason if the file cannot be read.</summary>
    public static ReadFile? TryRead(ReadOnlyMemory<byte> file, out DicomParseException? error, int blockSize = BlockSize)
    {
        try
        {
            error = null;
            return Read(file, blockSize);
        }
        catch (DicomParseException exception)
        {
            error = exception;
            return null;
        }
    }

    /// <summary>The four identifiers are present and valid, so that the instance can be stored.</summary>
    public bool IsIdentified
        => StudyInstanceUid.TryParse(Uid(DicomTag.StudyInstanceUID), out _)
            && SeriesInstanceUid.TryParse(Uid(DicomTag.SeriesInstanceUID), out _)
            && SopInstanceUid.TryParse(Uid(DicomTag.SOPInstanceUID), out _)
            && SopClassUid.TryParse(Uid(DicomTag.SOPClassUID), out _);

    public string? Uid(DicomTag tag)
        => Instance.Dataset.TryGet(tag, out DicomElement? element) && element.Bulk is null && element.Items is null
            ? DicomUid.Trim(element.Value.Span)
            : null;

    /// <summary>Returns every element, items included, by its path of tags and item numbers.</summary>
    public IEnumerable<(string Path, DicomDataset Owner, DicomElement Element)> Walk() => Walk("", Instance.Dataset);

    /// <summary>Returns the value field in little endian, wherever it is.</summary>
    public byte[] ValueOf(DicomElement element)
    {
        if (element.Bulk is not { } bulk)
        {
            return element.Value.ToArray();
        }

        byte[] value = DataSet.AsSpan((int)bulk.Offset, (int)bulk.Length).ToArray();
        int unit = element.VR.Traits().UnitSize;
        for (int i = 0; Instance.TransferSyntax.IsBigEndian && i + unit <= value.Length; i += unit)
        {
            value.AsSpan(i, unit).Reverse();
        }

        return value;
    }

    /// <summary>Returns the bytes of a frame as stored.</summary>
    public byte[] Frame(int number)
        => [.. Instance.Frames!.GetFrame(number).Segments.SelectMany(
            segment => DataSet.AsSpan((int)segment.Offset, (int)segment.Length).ToArray())];

    private static IEnumerable<(string Path, DicomDataset Owner, DicomElement Element)> Walk(string prefix, DicomDataset dataset)
    {
        foreach (DicomElement element in dataset.Elements)
        {
            string path = prefix + element.Tag.ToHex();
            yield return (path, dataset, element);
            for (int i = 0; i < element.Items?.Count; i++)
            {
                foreach ((string, DicomDataset, DicomElement) inner in Walk($"{path}/{i}/", element.Items[i]))
                {
                    yield return inner;
                }
            }
        }
    }

    private static byte[] Inflate(byte[] bytes)
    {
        using DeflateStream inflated = new(new MemoryStream(bytes), CompressionMode.Decompress);
        using MemoryStream target = new();
        inflated.CopyTo(target);
        return target.ToArray();
    }
}
