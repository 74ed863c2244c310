using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.EndToEnd.Tests.Corpus;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using Files = ImagingIngestion.TestData.Corpus;

namespace ImagingIngestion.EndToEnd.Tests.Dimse;

/// <summary>Every file goes in by C-STORE as a modality sends it: in its own transfer syntax and without file meta.</summary>
/// <remarks>Stored instances are found and come back as sent.</remarks>
[Trait(InACluster.Trait, InACluster.Value)]
[Collection(RunningServer.Collection)]
public sealed class DimseCorpusTests(RunningServer server)
{
    private const string SecondaryCapture = TestInstance.SecondaryCapture;

    [Fact]
    public Task Every_test_file_is_answered_as_expected_and_comes_back_as_sent() => CheckEachAsync(TestFiles.All);

    [ToolFact(Tools.Corpus)]
    public Task Every_corpus_file_is_answered_as_expected_and_comes_back_as_sent() => CheckEachAsync(Files.Files());

    private async Task CheckEachAsync(IEnumerable<TestFile> files)
    {
        CorpusChecks checks = new(server.Client);
        List<string> faults = [];
        int stored = 0;
        foreach (TestFile file in files)
        {
            string? fault = null;
            StoredPath? path = null;
            CStoreResponse? response = await StoreAsync(file);
            bool isStored = response is { Status: { IsSuccess: true } or { IsWarning: true } };
            if ((isStored && file.Expectation == Expectation.Reject) || (!isStored && file.Expectation == Expectation.Store))
            {
                fault =
                    $"{file}: expected {file.Expectation}, answered {response?.Status.ToString() ?? "nothing"} {response?.ErrorComment}";
            }
            else if (!isStored && response is { Status.IsFailure: false })
            {
                fault = $"{file}: refused with {response.Status}, which is no failure";
            }
            else if (isStored)
            {
                stored++;
                path = PathOf(DimseSender.Read(file.Bytes).Parsed!.Dataset);
                faults.AddRange(await checks.CheckStoredAsync(file.Name, path, [file]));
                await server.Client.DeleteAsync(path);
            }

            if (fault is not null)
            {
                faults.Add(fault);
            }
        }

        Assert.True(
            stored > 0 && faults.Count == 0,
            $"{faults.Count} faults with {stored} stored files:{Environment.NewLine}{string.Join(Environment.NewLine, faults)}");
    }

    /// <summary>Returns null if the context is refused, like that of a DICOMDIR.</summary>
    private async Task<CStoreResponse?> StoreAsync(TestFile file)
    {
        (Part10Head? head, ParsedInstance? parsed, ReadOnlyMemory<byte> bytes) = DimseSender.Read(file.Bytes);
        DicomDataset? dataset = parsed?.Dataset;
        string? syntax = Valid(head?.Meta.TransferSyntaxUid) ?? head?.TransferSyntax.Uid;
        string sopClass = Valid(Uid(dataset, DicomTag.SOPClassUID)) ?? Valid(head?.Meta.MediaStorageSopClassUid) ?? SecondaryCapture;
        CStoreRequest request = new() { SopClassUid = sopClass, SopInstanceUid = Uid(dataset, DicomTag.SOPInstanceUID) ?? "" };
        await using DimseSender sender = await DimseSender.ConnectAsync(server.DimsePort, [(sopClass, syntax ?? Syntax.ExplicitLittle)]);
        return sender.Association.Contexts.Count == 0 ? null : await sender.StoreAsync(sender.Association.Contexts[0], request, bytes);
    }

    private static StoredPath PathOf(DicomDataset dataset)
        => new(Uid(dataset, DicomTag.StudyInstanceUID)!, Uid(dataset, DicomTag.SeriesInstanceUID)!, Uid(dataset, DicomTag.SOPInstanceUID)!);

    private static string? Valid(string? uid) => uid is not null && DicomUid.IsValid(uid) ? uid : null;

    private static string? Uid(DicomDataset? dataset, DicomTag tag)
        => dataset is not null && dataset.TryGet(tag, out DicomElement? element) && element.Items is null
            ? DicomUid.Trim(element.Value.Span)
            : null;
}
