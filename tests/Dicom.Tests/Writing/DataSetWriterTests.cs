using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.Tests.Support;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dicom.Writing;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Dicom.Tests.Writing;

/// <summary>A data set from any encoding that is written in explicit VR little endian is the same for this reader and for DCMTK.</summary>
public sealed class DataSetWriterTests
{
    [Fact]
    public async Task A_written_data_set_reads_back_the_same()
    {
        int written = 0;
        foreach ((TestFile file, ReadFile read) in Readable())
        {
            ReadFile again = ReadFile.Read(await WriteAsync(read));

            Assert.True(Describe(read) == Describe(again), file.Name);
            Assert.Equal(TransferSyntax.ExplicitVRLittleEndian.Uid, again.Instance.TransferSyntax.Uid);
            written++;
        }

        Assert.True(written > TestFiles.All.Count / 2, "Too few files could be written to compare anything.");
    }

    [Fact]
    public async Task A_data_set_written_without_VRs_reads_back_with_the_same_values()
    {
        int written = 0;
        foreach ((TestFile file, ReadFile read) in Readable())
        {
            ReadFile again = ReadFile.Read(await WriteAsync(read, TransferSyntax.ImplicitVRLittleEndian));

            Assert.True(Describe(read, withVR: false) == Describe(again, withVR: false), file.Name);
            Assert.Equal(TransferSyntax.ImplicitVRLittleEndian.Uid, again.Instance.TransferSyntax.Uid);
            written++;
        }

        Assert.True(written > TestFiles.All.Count / 2, "Too few files could be written to compare anything.");
    }

    [Fact]
    public void No_other_encoding_is_written()
        => Assert.Throws<ArgumentException>(
            () => new DataSetWriter(Stream.Null, (_, _, _) => Task.CompletedTask, TransferSyntax.ExplicitVRBigEndian));

    [ToolFact(Tools.Dcmtk)]
    public Task Dcmtk_reads_what_is_written() => DcmtkReadsAsync(TransferSyntax.ExplicitVRLittleEndian);

    [ToolFact(Tools.Dcmtk)]
    public Task Dcmtk_reads_what_is_written_without_VRs() => DcmtkReadsAsync(TransferSyntax.ImplicitVRLittleEndian);

    private static async Task DcmtkReadsAsync(TransferSyntax syntax)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("imaging-written-");
        try
        {
            int number = 0;
            foreach ((TestFile file, ReadFile read) in Readable())
            {
                // dcmdump refuses errors that no writer can repair: strings cut by an odd length and misplaced elements.
                if (file.Expectation == Expectation.Store)
                {
                    await File.WriteAllBytesAsync(Path.Combine(folder.FullName, $"{number++:D4}.dcm"), await WriteAsync(read, syntax));
                }
            }

            (int code, string _, string error) = await ExternalProcess.RunAsync(
                "dcmdump", ["-q", "+sd", folder.FullName], "", TimeSpan.FromMinutes(1));

            Assert.True(number > 50);
            Assert.True(code == 0 && error.Length == 0, error);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void File_meta_names_instance_encoding_and_implementation()
    {
        byte[] head = FileMetaWriter.Write("1.2.840.10008.5.1.4.1.1.2", "1.2.3.4.5", "1.2.840.10008.1.2.4.90");

        Assert.True(Part10HeadReader.TryRead(head, isWhole: true, DicomReaderOptions.Default, out Part10Head read));
        Assert.Equal(head.Length, read.DataSetOffset);
        Assert.Equal("1.2.840.10008.5.1.4.1.1.2", read.Meta.MediaStorageSopClassUid);
        Assert.Equal("1.2.3.4.5", read.Meta.MediaStorageSopInstanceUid);
        Assert.Equal("1.2.840.10008.1.2.4.90", read.Meta.TransferSyntaxUid);
        Assert.Equal(
            FileMetaWriter.ImplementationClassUid,
            DicomUid.Trim(read.Meta.Elements.Elements.Single(element => element.Tag == DicomTag.ImplementationClassUID).Value.Span));
        Assert.All(head[..128], preamble => Assert.Equal(0, preamble));
        Assert.True(FileMetaWriter.ImplementationVersionName.Length <= 16);
    }

    [Fact]
    public async Task A_value_too_long_for_its_length_field_is_written_as_UN()
    {
        byte[] value = Encoding.ASCII.GetBytes(string.Join('\\', Enumerable.Repeat("1.5 ", 20_000)));
        DicomDataset dataset = new();
        dataset.Set(new DicomElement(DicomTag.TableOfXBreakPoints, DicomVR.DS, value));

        using MemoryStream target = new();
        await new DataSetWriter(target, (_, _, _) => Task.CompletedTask).WriteAsync(dataset, CancellationToken.None);

        byte[] bytes = target.ToArray();
        Assert.Equal("UN", Encoding.ASCII.GetString(bytes, 4, 2));
        Assert.Equal(12 + value.Length + (value.Length & 1), bytes.Length);
    }

    private static IEnumerable<(TestFile File, ReadFile Read)> Readable()
        => from file in TestFiles.All
           let read = ReadFile.TryRead(file.Bytes, out _)
           where read is { IsIdentified: true, Instance.TransferSyntax.IsEncapsulated: false }
               && read.Instance.Dataset.Elements.All(element => element.Bulk is not { IsEncapsulated: true })
           select (file, read);

    private static Task<byte[]> WriteAsync(ReadFile read) => WriteAsync(read, TransferSyntax.ExplicitVRLittleEndian);

    private static async Task<byte[]> WriteAsync(ReadFile read, TransferSyntax syntax)
    {
        using MemoryStream target = new();
        target.Write(FileMetaWriter.Write(read.Uid(DicomTag.SOPClassUID), read.Uid(DicomTag.SOPInstanceUID), syntax.Uid));
        DataSetWriter writer = new(target, (element, stream, token) => stream.WriteAsync(read.ValueOf(element), token).AsTask(), syntax);
        await writer.WriteAsync(read.Instance.Dataset, CancellationToken.None);
        return target.ToArray();
    }

    /// <summary>
    /// Returns paths, VRs and values, without group lengths and file meta, which are not written, and with the padding that writing adds.
    /// </summary>
    private static string Describe(ReadFile read, bool withVR = true)
        => string.Join('\n', from entry in read.Walk()
                             where !entry.Element.Tag.IsGroupLength && entry.Element.Tag.Group != 0x0002
                             select $"{entry.Path} {(withVR ? entry.Element.VR : "")} {Even(entry.Element, read.ValueOf(entry.Element))}");

    private static string Even(DicomElement element, byte[] value)
        => Convert.ToHexString((value.Length & 1) == 0 ? value : [.. value, element.VR.Traits().Padding]);
}
