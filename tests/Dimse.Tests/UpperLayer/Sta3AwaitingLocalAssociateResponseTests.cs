using ImagingIngestion.Dimse.UpperLayer;

namespace ImagingIngestion.Dimse.Tests.UpperLayer;

/// <summary>The column Sta3 of PS3.8 table 9-10: awaiting the local A-ASSOCIATE response.</summary>
public sealed class Sta3AwaitingLocalAssociateResponseTests
{
    [Theory]
    [InlineData(1, "A-ASSOCIATE request", null, null)]
    [InlineData(2, "connected", null, null)]
    [InlineData(3, "A-ASSOCIATE-AC", "AA-8", "Sta13")]
    [InlineData(4, "A-ASSOCIATE-RJ", "AA-8", "Sta13")]
    [InlineData(5, "connection indication", null, null)]
    [InlineData(6, "A-ASSOCIATE-RQ", "AA-8", "Sta13")]
    [InlineData(7, "accept", "AE-7", "Sta6")]
    [InlineData(8, "reject", "AE-8", "Sta13")]
    [InlineData(9, "P-DATA request", null, null)]
    [InlineData(10, "P-DATA-TF", "AA-8", "Sta13")]
    [InlineData(11, "A-RELEASE request", null, null)]
    [InlineData(12, "A-RELEASE-RQ", "AA-8", "Sta13")]
    [InlineData(13, "A-RELEASE-RP", "AA-8", "Sta13")]
    [InlineData(14, "A-RELEASE response", null, null)]
    [InlineData(15, "A-ABORT request", "AA-1", "Sta13")]
    [InlineData(16, "A-ABORT", "AA-3", "Sta1")]
    [InlineData(17, "connection closed", "AA-4", "Sta1")]
    [InlineData(18, "ARTIM", null, null)]
    [InlineData(19, "invalid PDU", "AA-8", "Sta13")]
    public void The_cell_is_as_in_the_standard(int number, string happened, string? action, string? next)
        => StandardCell.AssertIs(UpperLayerState.Sta3AwaitingLocalAssociateResponse, number, happened, action, next);
}
