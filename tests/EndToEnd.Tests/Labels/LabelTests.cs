using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using Files = ImagingIngestion.TestData.Corpus;

namespace ImagingIngestion.EndToEnd.Tests.Labels;

/// <summary>An independent reader can read everything that the server sends under the transfer syntax that the answer names.</summary>
/// <remarks>The stored bytes of an instance whose sender was warned are the exception.</remarks>
public sealed class LabelTests
{
    private const int Seed = 20261130;

    private static readonly int MutatedFiles = Environment.GetEnvironmentVariable("IMAGING_TEST_LONG") == "1" ? 4_000 : 400;

    [ToolFact(Tools.Pydicom, Tools.Dcmtk)]
    public Task What_leaves_of_every_test_file_is_what_its_label_says() => CheckAsync([.. TestFiles.All, .. MislabelledFiles.All()]);

    [ToolFact(Tools.Corpus, Tools.Pydicom, Tools.Dcmtk)]
    public Task What_leaves_of_every_corpus_file_is_what_its_label_says() => CheckAsync(Files.Files());

    [ToolFact(Tools.Pydicom, Tools.Dcmtk)]
    public Task What_leaves_of_a_damaged_file_is_what_its_label_says()
    {
        Mutator mutator = new(
            [.. TestFiles.All.Concat(MislabelledFiles.All()).Where(file => file.Bytes.Length < 20_000).Select(file => file.Bytes)], Seed);
        return CheckAsync(Enumerable.Range(0, MutatedFiles).Select(
            number => new TestFile($"damaged {number}", Expectation.Either, mutator.Create(number))));
    }

    private static async Task CheckAsync(IEnumerable<TestFile> files)
    {
        using TemporaryFolder folder = new();
        await using Server server = await Server.StartAsync(folder.Sub("data"));
        IndependentReader reader = new(Directory.CreateDirectory(folder.Sub("handed")).FullName);
        HandedOut handed = new(server, reader);
        int stored = 0;
        foreach (TestFile file in files)
        {
            StowReply reply = await server.Client.StoreAsync(file.Bytes);
            if (reply.IsSuccess)
            {
                stored++;
                await handed.AskAsync(file.Name + " by STOW-RS", reply.Stored[0], reply.Status == 202);
                await server.Client.DeleteAsync(reply.Stored[0]);
            }

            if (await StoreByDimseAsync(server, file) is var (path, hasWarning))
            {
                stored++;
                await handed.AskAsync(file.Name + " by C-STORE", path, hasWarning);
                await server.Client.DeleteAsync(path);
            }
        }

        string[] faults = [.. handed.Faults, .. await reader.FaultsAsync()];
        Assert.True(
            stored > 0 && faults.Length == 0,
            $"{faults.Length} faults with {stored} stored instances:{Environment.NewLine}{string.Join(Environment.NewLine, faults)}");
    }

    /// <summary>Sends the bytes after the file meta unchanged, in the transfer syntax that the file meta names.</summary>
    /// <remarks>Returns null if they are not stored.</remarks>
    private static async Task<(StoredPath Path, bool HasWarning)?> StoreByDimseAsync(Server server, TestFile file)
    {
        (Part10Head? head, ParsedInstance? parsed, _) = DimseSender.Read(file.Bytes);
        string syntax = head?.Meta.TransferSyntaxUid is { } named && DicomUid.IsValid(named)
            ? named
            : head?.TransferSyntax.Uid ?? Syntax.ExplicitLittle;
        if (parsed is null || Uid(parsed.Dataset, DicomTag.SOPClassUID) is not { } sopClass || !DicomUid.IsValid(sopClass))
        {
            return null;
        }

        await using DimseSender sender = await DimseSender.ConnectAsync(server.DimsePort, [(sopClass, syntax)]);
        if (sender.Association.Contexts.Count == 0)
        {
            return null;
        }

        CStoreRequest request = new() { SopClassUid = sopClass, SopInstanceUid = Uid(parsed.Dataset, DicomTag.SOPInstanceUID) ?? "" };
        CStoreResponse response =
            await sender.StoreAsync(sender.Association.Contexts[0], request, Part10Split.DataSet(file.Bytes.Span).ToArray());
        return response.Status is { IsSuccess: false, IsWarning: false }
            ? null
            : (new StoredPath(
                Uid(parsed.Dataset, DicomTag.StudyInstanceUID)!,
                Uid(parsed.Dataset, DicomTag.SeriesInstanceUID)!,
                Uid(parsed.Dataset, DicomTag.SOPInstanceUID)!), response.Status.IsWarning);
    }

    private static string? Uid(DicomDataset dataset, DicomTag tag)
        => dataset.TryGet(tag, out DicomElement? element) && element.Items is null ? DicomUid.Trim(element.Value.Span) : null;
}
