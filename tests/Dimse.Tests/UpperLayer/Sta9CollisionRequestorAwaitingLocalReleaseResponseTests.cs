using ImagingIngestion.Dimse.UpperLayer;

namespace ImagingIngestion.Dimse.Tests.UpperLayer;

/// <summary>The column Sta9 of PS3.8 table 9-10: release collision at the requestor, awaiting the local A-RELEASE response.</summary>
public sealed class Sta9CollisionRequestorAwaitingLocalReleaseResponseTests
{
    [Theory]
    [InlineData(1, "A-ASSOCIATE request", null, null)]
    [InlineData(2, "connected", null, null)]
    [InlineData(3, "A-ASSOCIATE-AC", "AA-8", "Sta13")]
    [InlineData(4, "A-ASSOCIATE-RJ", "AA-8", "Sta13")]
    [InlineData(5, "connection indication", null, null)]
    [InlineData(6, "A-ASSOCIATE-RQ", "AA-8", "Sta13")]
    [InlineData(7, "accept", null, null)]
    [InlineData(8, "reject", null, null)]
    [InlineData(9, "P-DATA request", null, null)]
    [InlineData(10, "P-DATA-TF", "AA-8", "Sta13")]
    [InlineData(11, "A-RELEASE request", null, null)]
    [InlineData(12, "A-RELEASE-RQ", "AA-8", "Sta13")]
    [InlineData(13, "A-RELEASE-RP", "AA-8", "Sta13")]
    [InlineData(14, "A-RELEASE response", "AR-9", "Sta11")]
    [InlineData(15, "A-ABORT request", "AA-1", "Sta13")]
    [InlineData(16, "A-ABORT", "AA-3", "Sta1")]
    [InlineData(17, "connection closed", "AA-4", "Sta1")]
    [InlineData(18, "ARTIM", null, null)]
    [InlineData(19, "invalid PDU", "AA-8", "Sta13")]
    public void The_cell_is_as_in_the_standard(int number, string happened, string? action, string? next)
        => StandardCell.AssertIs(UpperLayerState.Sta9CollisionRequestorAwaitingLocalReleaseResponse, number, happened, action, next);
}
