using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Gateways.Dimse.Commitment;
using ImagingIngestion.TestData;

namespace ImagingIngestion.Gateways.Tests.Dimse.Commitment;

/// <summary>Parsing of requests for storage commitment.</summary>
public sealed class ActionInformationTests
{
    private const string Transaction = "1.2.3.4";

    [Theory]
    [InlineData(Syntax.ExplicitLittle)]
    [InlineData(Syntax.ImplicitLittle)]
    public void Transaction_and_references_are_read_in_their_order(string syntax)
    {
        ActionInformation information = Read(syntax, CommitmentData.Action(
            syntax, Transaction, (CommitmentData.CtImage, "1.9"), (CommitmentData.MrImage, "1.8"), (CommitmentData.CtImage, "1.7")));

        Assert.Equal((DimseStatus.Success, Transaction), (information.Status, information.TransactionUid));
        Assert.Equal(
            [(CommitmentData.CtImage, "1.9"), (CommitmentData.MrImage, "1.8"), (CommitmentData.CtImage, "1.7")],
            information.References.Select(reference => (reference.SopClass.Value, reference.Sop.Value)));
    }

    [Theory]
    [InlineData(null, CommitmentData.CtImage, "1.9")]
    [InlineData("", CommitmentData.CtImage, "1.9")]
    [InlineData("not a UID", CommitmentData.CtImage, "1.9")]
    [InlineData(Transaction, null, "1.9")]
    [InlineData(Transaction, CommitmentData.CtImage, null)]
    [InlineData(Transaction, CommitmentData.CtImage, "1..9")]
    public void What_lacks_a_uid_is_an_invalid_argument(string? transaction, string? sopClass, string? instance)
    {
        ActionInformation information = Read(
            Syntax.ExplicitLittle, CommitmentData.Action(Syntax.ExplicitLittle, transaction, (sopClass, instance)));

        Assert.Equal(DimseStatus.InvalidArgument, information.Status);
        Assert.NotNull(information.Comment);
    }

    [Fact]
    public void No_references_are_an_invalid_argument()
    {
        Assert.Equal(
            DimseStatus.InvalidArgument, Read(Syntax.ExplicitLittle, CommitmentData.Action(Syntax.ExplicitLittle, Transaction)).Status);
        Assert.Equal(
            DimseStatus.InvalidArgument,
            Read(Syntax.ExplicitLittle, new DataSetBuilder().Text(0x0008_1195, "UI", Transaction).Encode(Wire.ExplicitLittle)).Status);
    }

    [Fact]
    public void Bytes_that_are_no_data_set_are_an_invalid_argument()
    {
        byte[] whole = CommitmentData.Action(Syntax.ExplicitLittle, Transaction, (CommitmentData.CtImage, "1.9"));

        Assert.Equal(DimseStatus.InvalidArgument, Read(Syntax.ExplicitLittle, whole[..^3]).Status);
        Assert.Equal(DimseStatus.InvalidArgument, Read(Syntax.ExplicitLittle, []).Status);
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(6, false)]
    [InlineData(500, false)]
    public void More_references_than_the_limit_are_a_resource_limitation(int references, bool isTaken)
    {
        byte[] bytes = CommitmentData.Action(
            Syntax.ImplicitLittle,
            Transaction,
            [.. Enumerable.Range(1, references).Select(number => ((string?)CommitmentData.CtImage, (string?)$"1.{number}"))]);

        Assert.Equal(
            isTaken ? DimseStatus.Success : DimseStatus.ResourceLimitation,
            ActionInformation.Read(bytes, TransferSyntax.ImplicitVRLittleEndian, maxReferences: 5).Status);
    }

    private static ActionInformation Read(string syntax, byte[] bytes)
        => ActionInformation.Read(bytes, TransferSyntax.FromUid(syntax), maxReferences: 100);
}
