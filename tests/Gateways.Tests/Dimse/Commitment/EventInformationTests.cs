using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dicom.Writing;
using ImagingIngestion.Gateways.Dimse.Commitment;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.TestData;

namespace ImagingIngestion.Gateways.Tests.Dimse.Commitment;

/// <summary>Writing the result of storage commitment.</summary>
public sealed class EventInformationTests
{
    private static readonly CommitmentRequest Request = new()
    {
        Provider = new ProviderName("default"),
        CallingAeTitle = "MODALITY",
        CalledAeTitle = "INGEST",
        TransactionUid = "1.2.3.4",
        References = [],
    };

    [Theory]
    [InlineData(Syntax.ExplicitLittle)]
    [InlineData(Syntax.ImplicitLittle)]
    public async Task Both_sequences_the_transaction_and_our_title_come_back(string syntax)
    {
        CommitmentResult result = new(
            [Reference("1.9")],
            [
                new CommitmentFailure(Reference("1.88"), CommitmentFailureReason.ClassInstanceConflict),
                new CommitmentFailure(Reference("1.7"), CommitmentFailureReason.NoSuchObjectInstance)
            ]);

        DicomDataset information = await WriteAsync(result, syntax);

        Assert.Equal(
            ("1.2.3.4", "INGEST"), (information.GetString(DicomTag.TransactionUID), information.GetString(DicomTag.RetrieveAETitle)));
        Assert.Equal([(CommitmentData.CtImage, "1.9")], CommitmentData.Committed(information));
        Assert.Equal([(CommitmentData.CtImage, "1.88", "281"), (CommitmentData.CtImage, "1.7", "274")], CommitmentData.Failed(information));
        Assert.Equal(2, result.EventTypeId);
    }

    [Fact]
    public async Task A_sequence_without_items_is_left_out()
    {
        CommitmentResult success = new([Reference("1.9")], []);
        CommitmentResult failure = new([], [new CommitmentFailure(Reference("1.9"), CommitmentFailureReason.ProcessingFailure)]);

        Assert.False((await WriteAsync(success, Syntax.ExplicitLittle)).TryGet(DicomTag.FailedSOPSequence, out _));
        Assert.False((await WriteAsync(failure, Syntax.ExplicitLittle)).TryGet(DicomTag.ReferencedSOPSequence, out _));
        Assert.Equal((1, 2), (success.EventTypeId, failure.EventTypeId));
    }

    private static CommitmentReference Reference(string sop) => new(new SopClassUid(CommitmentData.CtImage), new SopInstanceUid(sop));

    private static async Task<DicomDataset> WriteAsync(CommitmentResult result, string syntax)
    {
        using MemoryStream bytes = new();
        DataSetWriter writer = new(bytes, (_, _, _) => Task.CompletedTask, TransferSyntax.FromUid(syntax));
        await writer.WriteAsync(EventInformation.Of(Request, result), CancellationToken.None);
        return CommitmentData.Parse(bytes.ToArray(), syntax);
    }
}
