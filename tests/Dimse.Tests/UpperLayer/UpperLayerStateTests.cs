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

/// <summary>The column Sta2 of PS3.8 table 9-10: connection open, awaiting A-ASSOCIATE-RQ.</summary>
public sealed class Sta2TransportOpenTests
{
    [Theory]
    [InlineData(1, "A-ASSOCIATE request", null, null)]
    [InlineData(2, "connected", null, null)]
    [InlineData(3, "A-ASSOCIATE-AC", "AA-1", "Sta13")]
    [InlineData(4, "A-ASSOCIATE-RJ", "AA-1", "Sta13")]
    [InlineData(5, "connection indication", null, null)]
    [InlineData(6, "A-ASSOCIATE-RQ", "AE-6", "Sta3 or Sta13")]
    [InlineData(7, "accept", null, null)]
    [InlineData(8, "reject", null, null)]
    [InlineData(9, "P-DATA request", null, null)]
    [InlineData(10, "P-DATA-TF", "AA-1", "Sta13")]
    [InlineData(11, "A-RELEASE request", null, null)]
    [InlineData(12, "A-RELEASE-RQ", "AA-1", "Sta13")]
    [InlineData(13, "A-RELEASE-RP", "AA-1", "Sta13")]
    [InlineData(14, "A-RELEASE response", null, null)]
    [InlineData(15, "A-ABORT request", null, null)]
    [InlineData(16, "A-ABORT", "AA-2", "Sta1")]
    [InlineData(17, "connection closed", "AA-5", "Sta1")]
    [InlineData(18, "ARTIM", "AA-2", "Sta1")]
    [InlineData(19, "invalid PDU", "AA-1", "Sta13")]
    public void The_cell_is_as_in_the_standard(int number, string happened, string? action, string? next)
        => StandardCell.AssertIs(UpperLayerState.Sta2TransportOpen, number, happened, action, next);
}

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

/// <summary>The column Sta4 of PS3.8 table 9-10: awaiting the connection.</summary>
public sealed class Sta4AwaitingTransportOpenTests
{
    [Theory]
    [InlineData(1, "A-ASSOCIATE request", null, null)]
    [InlineData(2, "connected", "AE-2", "Sta5")]
    [InlineData(3, "A-ASSOCIATE-AC", null, null)]
    [InlineData(4, "A-ASSOCIATE-RJ", null, null)]
    [InlineData(5, "connection indication", null, null)]
    [InlineData(6, "A-ASSOCIATE-RQ", null, null)]
    [InlineData(7, "accept", null, null)]
    [InlineData(8, "reject", null, null)]
    [InlineData(9, "P-DATA request", null, null)]
    [InlineData(10, "P-DATA-TF", null, null)]
    [InlineData(11, "A-RELEASE request", null, null)]
    [InlineData(12, "A-RELEASE-RQ", null, null)]
    [InlineData(13, "A-RELEASE-RP", null, null)]
    [InlineData(14, "A-RELEASE response", null, null)]
    [InlineData(15, "A-ABORT request", "AA-2", "Sta1")]
    [InlineData(16, "A-ABORT", null, null)]
    [InlineData(17, "connection closed", "AA-4", "Sta1")]
    [InlineData(18, "ARTIM", null, null)]
    [InlineData(19, "invalid PDU", null, null)]
    public void The_cell_is_as_in_the_standard(int number, string happened, string? action, string? next)
        => StandardCell.AssertIs(UpperLayerState.Sta4AwaitingTransportOpen, number, happened, action, next);
}

/// <summary>The column Sta5 of PS3.8 table 9-10: awaiting A-ASSOCIATE-AC or -RJ.</summary>
public sealed class Sta5AwaitingAssociateAcceptOrRejectTests
{
    [Theory]
    [InlineData(1, "A-ASSOCIATE request", null, null)]
    [InlineData(2, "connected", null, null)]
    [InlineData(3, "A-ASSOCIATE-AC", "AE-3", "Sta6")]
    [InlineData(4, "A-ASSOCIATE-RJ", "AE-4", "Sta1")]
    [InlineData(5, "connection indication", null, null)]
    [InlineData(6, "A-ASSOCIATE-RQ", "AA-8", "Sta13")]
    [InlineData(7, "accept", null, null)]
    [InlineData(8, "reject", null, null)]
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
        => StandardCell.AssertIs(UpperLayerState.Sta5AwaitingAssociateAcceptOrReject, number, happened, action, next);
}

/// <summary>The column Sta6 of PS3.8 table 9-10: association established.</summary>
public sealed class Sta6DataTransferTests
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
    [InlineData(9, "P-DATA request", "DT-1", "Sta6")]
    [InlineData(10, "P-DATA-TF", "DT-2", "Sta6")]
    [InlineData(11, "A-RELEASE request", "AR-1", "Sta7")]
    [InlineData(12, "A-RELEASE-RQ", "AR-2", "Sta8")]
    [InlineData(13, "A-RELEASE-RP", "AA-8", "Sta13")]
    [InlineData(14, "A-RELEASE response", null, null)]
    [InlineData(15, "A-ABORT request", "AA-1", "Sta13")]
    [InlineData(16, "A-ABORT", "AA-3", "Sta1")]
    [InlineData(17, "connection closed", "AA-4", "Sta1")]
    [InlineData(18, "ARTIM", null, null)]
    [InlineData(19, "invalid PDU", "AA-8", "Sta13")]
    public void The_cell_is_as_in_the_standard(int number, string happened, string? action, string? next)
        => StandardCell.AssertIs(UpperLayerState.Sta6DataTransfer, number, happened, action, next);
}

/// <summary>The column Sta7 of PS3.8 table 9-10: awaiting A-RELEASE-RP.</summary>
public sealed class Sta7AwaitingReleaseResponseTests
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
    [InlineData(10, "P-DATA-TF", "AR-6", "Sta7")]
    [InlineData(11, "A-RELEASE request", null, null)]
    [InlineData(12, "A-RELEASE-RQ", "AR-8", "Sta9 or Sta10")]
    [InlineData(13, "A-RELEASE-RP", "AR-3", "Sta1")]
    [InlineData(14, "A-RELEASE response", null, null)]
    [InlineData(15, "A-ABORT request", "AA-1", "Sta13")]
    [InlineData(16, "A-ABORT", "AA-3", "Sta1")]
    [InlineData(17, "connection closed", "AA-4", "Sta1")]
    [InlineData(18, "ARTIM", null, null)]
    [InlineData(19, "invalid PDU", "AA-8", "Sta13")]
    public void The_cell_is_as_in_the_standard(int number, string happened, string? action, string? next)
        => StandardCell.AssertIs(UpperLayerState.Sta7AwaitingReleaseResponse, number, happened, action, next);
}

/// <summary>The column Sta8 of PS3.8 table 9-10: awaiting the local A-RELEASE response.</summary>
public sealed class Sta8AwaitingLocalReleaseResponseTests
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
    [InlineData(9, "P-DATA request", "AR-7", "Sta8")]
    [InlineData(10, "P-DATA-TF", "AA-8", "Sta13")]
    [InlineData(11, "A-RELEASE request", null, null)]
    [InlineData(12, "A-RELEASE-RQ", "AA-8", "Sta13")]
    [InlineData(13, "A-RELEASE-RP", "AA-8", "Sta13")]
    [InlineData(14, "A-RELEASE response", "AR-4", "Sta13")]
    [InlineData(15, "A-ABORT request", "AA-1", "Sta13")]
    [InlineData(16, "A-ABORT", "AA-3", "Sta1")]
    [InlineData(17, "connection closed", "AA-4", "Sta1")]
    [InlineData(18, "ARTIM", null, null)]
    [InlineData(19, "invalid PDU", "AA-8", "Sta13")]
    public void The_cell_is_as_in_the_standard(int number, string happened, string? action, string? next)
        => StandardCell.AssertIs(UpperLayerState.Sta8AwaitingLocalReleaseResponse, number, happened, action, next);
}

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

/// <summary>The column Sta10 of PS3.8 table 9-10: release collision at the acceptor, awaiting A-RELEASE-RP.</summary>
public sealed class Sta10CollisionAcceptorAwaitingReleaseResponseTests
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
    [InlineData(13, "A-RELEASE-RP", "AR-10", "Sta12")]
    [InlineData(14, "A-RELEASE response", null, null)]
    [InlineData(15, "A-ABORT request", "AA-1", "Sta13")]
    [InlineData(16, "A-ABORT", "AA-3", "Sta1")]
    [InlineData(17, "connection closed", "AA-4", "Sta1")]
    [InlineData(18, "ARTIM", null, null)]
    [InlineData(19, "invalid PDU", "AA-8", "Sta13")]
    public void The_cell_is_as_in_the_standard(int number, string happened, string? action, string? next)
        => StandardCell.AssertIs(UpperLayerState.Sta10CollisionAcceptorAwaitingReleaseResponse, number, happened, action, next);
}

/// <summary>The column Sta11 of PS3.8 table 9-10: release collision at the requestor, awaiting A-RELEASE-RP.</summary>
public sealed class Sta11CollisionRequestorAwaitingReleaseResponseTests
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
    [InlineData(13, "A-RELEASE-RP", "AR-3", "Sta1")]
    [InlineData(14, "A-RELEASE response", null, null)]
    [InlineData(15, "A-ABORT request", "AA-1", "Sta13")]
    [InlineData(16, "A-ABORT", "AA-3", "Sta1")]
    [InlineData(17, "connection closed", "AA-4", "Sta1")]
    [InlineData(18, "ARTIM", null, null)]
    [InlineData(19, "invalid PDU", "AA-8", "Sta13")]
    public void The_cell_is_as_in_the_standard(int number, string happened, string? action, string? next)
        => StandardCell.AssertIs(UpperLayerState.Sta11CollisionRequestorAwaitingReleaseResponse, number, happened, action, next);
}

/// <summary>The column Sta12 of PS3.8 table 9-10: release collision at the acceptor, awaiting the local A-RELEASE response.</summary>
public sealed class Sta12CollisionAcceptorAwaitingLocalReleaseResponseTests
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
    [InlineData(14, "A-RELEASE response", "AR-4", "Sta13")]
    [InlineData(15, "A-ABORT request", "AA-1", "Sta13")]
    [InlineData(16, "A-ABORT", "AA-3", "Sta1")]
    [InlineData(17, "connection closed", "AA-4", "Sta1")]
    [InlineData(18, "ARTIM", null, null)]
    [InlineData(19, "invalid PDU", "AA-8", "Sta13")]
    public void The_cell_is_as_in_the_standard(int number, string happened, string? action, string? next)
        => StandardCell.AssertIs(UpperLayerState.Sta12CollisionAcceptorAwaitingLocalReleaseResponse, number, happened, action, next);
}

/// <summary>The column Sta13 of PS3.8 table 9-10: awaiting the close of the connection.</summary>
public sealed class Sta13AwaitingTransportCloseTests
{
    [Theory]
    [InlineData(1, "A-ASSOCIATE request", null, null)]
    [InlineData(2, "connected", null, null)]
    [InlineData(3, "A-ASSOCIATE-AC", "AA-6", "Sta13")]
    [InlineData(4, "A-ASSOCIATE-RJ", "AA-6", "Sta13")]
    [InlineData(5, "connection indication", null, null)]
    [InlineData(6, "A-ASSOCIATE-RQ", "AA-7", "Sta13")]
    [InlineData(7, "accept", null, null)]
    [InlineData(8, "reject", null, null)]
    [InlineData(9, "P-DATA request", null, null)]
    [InlineData(10, "P-DATA-TF", "AA-6", "Sta13")]
    [InlineData(11, "A-RELEASE request", null, null)]
    [InlineData(12, "A-RELEASE-RQ", "AA-6", "Sta13")]
    [InlineData(13, "A-RELEASE-RP", "AA-6", "Sta13")]
    [InlineData(14, "A-RELEASE response", null, null)]
    [InlineData(15, "A-ABORT request", null, null)]
    [InlineData(16, "A-ABORT", "AA-2", "Sta1")]
    [InlineData(17, "connection closed", "AR-5", "Sta1")]
    [InlineData(18, "ARTIM", "AA-2", "Sta1")]
    [InlineData(19, "invalid PDU", "AA-7", "Sta13")]
    public void The_cell_is_as_in_the_standard(int number, string happened, string? action, string? next)
        => StandardCell.AssertIs(UpperLayerState.Sta13AwaitingTransportClose, number, happened, action, next);
}

/// <summary>Compares a cell of the state table with the text of PS3.8 table 9-10.</summary>
internal static class StandardCell
{
    /// <param name="state">The column.</param>
    /// <param name="number">The number of the event, which is the row.</param>
    /// <param name="happened">The name of the event, for the message of a failed assertion.</param>
    /// <param name="action">The action as the standard writes it; null for a blank cell.</param>
    /// <param name="next">The next state as the standard writes it, such as "Sta3 or Sta13" where the action decides.</param>
    public static void AssertIs(UpperLayerState state, int number, string happened, string? action, string? next)
    {
        Transition? cell = UpperLayerTable.Find(state, (UpperLayerEvent)number);

        string expected = action is null ? "blank" : $"{action} {next}";
        Assert.True(expected == Write(cell), $"{state}, Evt{number} ({happened}): {Write(cell)} instead of {expected}");
    }

    private static string Write(Transition? cell)
        => cell is { } found
            ? $"{Write(found.Action)} {Write(found.Next)}{(found.Alternative is { } other ? $" or {Write(other)}" : "")}"
            : "blank";

    /// <summary>Writes an action as the standard does: AE1 is AE-1.</summary>
    private static string Write(UpperLayerAction action) => $"{action.ToString()[..2]}-{action.ToString()[2..]}";

    private static string Write(UpperLayerState state) => $"Sta{(int)state}";
}
