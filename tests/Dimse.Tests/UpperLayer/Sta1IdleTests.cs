using ImagingIngestion.Dimse.UpperLayer;

namespace ImagingIngestion.Dimse.Tests.UpperLayer;

/// <summary>The column Sta1 of PS3.8 table 9-10: no association, no connection.</summary>
public sealed class Sta1IdleTests
{
    [Theory]
    [InlineData(1, "A-ASSOCIATE request", "AE-1", "Sta4")]
    [InlineData(2, "connected", null, null)]
    [InlineData(3, "A-ASSOCIATE-AC", null, null)]
    [InlineData(4, "A-ASSOCIATE-RJ", null, null)]
    [InlineData(5, "connection indication", "AE-5", "Sta2")]
    [InlineData(6, "A-ASSOCIATE-RQ", null, null)]
    [InlineData(7, "accept", null, null)]
    [InlineData(8, "reject", null, null)]
    [InlineData(9, "P-DATA request", null, null)]
    [InlineData(10, "P-DATA-TF", null, null)]
    [InlineData(11, "A-RELEASE request", null, null)]
    [InlineData(12, "A-RELEASE-RQ", null, null)]
    [InlineData(13, "A-RELEASE-RP", null, null)]
    [InlineData(14, "A-RELEASE response", null, null)]
    [InlineData(15, "A-ABORT request", null, null)]
    [InlineData(16, "A-ABORT", null, null)]
    [InlineData(17, "connection closed", null, null)]
    [InlineData(18, "ARTIM", null, null)]
    [InlineData(19, "invalid PDU", null, null)]
    public void The_cell_is_as_in_the_standard(int number, string happened, string? action, string? next)
        => StandardCell.AssertIs(UpperLayerState.Sta1Idle, number, happened, action, next);
}
