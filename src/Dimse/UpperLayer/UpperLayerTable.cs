using System.Globalization;

namespace ImagingIngestion.Dimse.UpperLayer;

/// <summary>The state table of the upper layer (PS3.8 table 9-10).</summary>
public static class UpperLayerTable
{
    private const string Blank = "-";

    /// <summary>The cells; a row is an event, a column a state, as in the standard.</summary>
    /// <remarks>
    /// A cell names the action and the number of the next state. If the action decides on the state, a second number follows: the state if
    /// AE-6 rejects, and that of the acceptor for AR-8.
    /// </remarks>
    private const string Cells = """
                Sta1   Sta2       Sta3    Sta4   Sta5    Sta6    Sta7       Sta8    Sta9    Sta10    Sta11   Sta12   Sta13
        Evt1    AE1/4  -          -       -      -       -       -          -       -       -        -       -       -
        Evt2    -      -          -       AE2/5  -       -       -          -       -       -        -       -       -
        Evt3    -      AA1/13     AA8/13  -      AE3/6   AA8/13  AA8/13     AA8/13  AA8/13  AA8/13   AA8/13  AA8/13  AA6/13
        Evt4    -      AA1/13     AA8/13  -      AE4/1   AA8/13  AA8/13     AA8/13  AA8/13  AA8/13   AA8/13  AA8/13  AA6/13
        Evt5    AE5/2  -          -       -      -       -       -          -       -       -        -       -       -
        Evt6    -      AE6/3/13   AA8/13  -      AA8/13  AA8/13  AA8/13     AA8/13  AA8/13  AA8/13   AA8/13  AA8/13  AA7/13
        Evt7    -      -          AE7/6   -      -       -       -          -       -       -        -       -       -
        Evt8    -      -          AE8/13  -      -       -       -          -       -       -        -       -       -
        Evt9    -      -          -       -      -       DT1/6   -          AR7/8   -       -        -       -       -
        Evt10   -      AA1/13     AA8/13  -      AA8/13  DT2/6   AR6/7      AA8/13  AA8/13  AA8/13   AA8/13  AA8/13  AA6/13
        Evt11   -      -          -       -      -       AR1/7   -          -       -       -        -       -       -
        Evt12   -      AA1/13     AA8/13  -      AA8/13  AR2/8   AR8/9/10   AA8/13  AA8/13  AA8/13   AA8/13  AA8/13  AA6/13
        Evt13   -      AA1/13     AA8/13  -      AA8/13  AA8/13  AR3/1      AA8/13  AA8/13  AR10/12  AR3/1   AA8/13  AA6/13
        Evt14   -      -          -       -      -       -       -          AR4/13  AR9/11  -        -       AR4/13  -
        Evt15   -      -          AA1/13  AA2/1  AA1/13  AA1/13  AA1/13     AA1/13  AA1/13  AA1/13   AA1/13  AA1/13  -
        Evt16   -      AA2/1      AA3/1   -      AA3/1   AA3/1   AA3/1      AA3/1   AA3/1   AA3/1    AA3/1   AA3/1   AA2/1
        Evt17   -      AA5/1      AA4/1   AA4/1  AA4/1   AA4/1   AA4/1      AA4/1   AA4/1   AA4/1    AA4/1   AA4/1   AR5/1
        Evt18   -      AA2/1      -       -      -       -       -          -       -       -        -       -       AA2/1
        Evt19   -      AA1/13     AA8/13  -      AA8/13  AA8/13  AA8/13     AA8/13  AA8/13  AA8/13   AA8/13  AA8/13  AA7/13
        """;

    private static readonly Transition?[][] Rows = [.. Cells.Split('\n').Skip(1).Select(ParseRow)];

    /// <summary>Returns the cell; null if it is blank, because the event cannot happen in the state.</summary>
    public static Transition? Find(UpperLayerState state, UpperLayerEvent happened) => Rows[(int)happened - 1][(int)state - 1];

    private static Transition?[] ParseRow(string line)
        => [.. line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(ParseCell)];

    private static Transition? ParseCell(string cell)
    {
        string[] parts = cell.Split('/');
        return cell == Blank
            ? null
            : new Transition(Enum.Parse<UpperLayerAction>(parts[0]), State(parts[1]), parts.Length > 2 ? State(parts[2]) : null);
    }

    private static UpperLayerState State(string number) => (UpperLayerState)int.Parse(number, CultureInfo.InvariantCulture);
}

/// <summary>A cell of the state table.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Next">The state afterwards.</param>
/// <param name="Alternative">The state if the action decides otherwise: AE-6 rejects (Sta13), AR-8 at the acceptor (Sta10).</param>
public readonly record struct Transition(UpperLayerAction Action, UpperLayerState Next, UpperLayerState? Alternative = null);

/// <summary>The states of the upper layer (PS3.8 tables 9-1 to 9-5).</summary>
public enum UpperLayerState
{
    Sta1Idle = 1,
    Sta2TransportOpen,
    Sta3AwaitingLocalAssociateResponse,
    Sta4AwaitingTransportOpen,
    Sta5AwaitingAssociateAcceptOrReject,
    Sta6DataTransfer,
    Sta7AwaitingReleaseResponse,
    Sta8AwaitingLocalReleaseResponse,
    Sta9CollisionRequestorAwaitingLocalReleaseResponse,
    Sta10CollisionAcceptorAwaitingReleaseResponse,
    Sta11CollisionRequestorAwaitingReleaseResponse,
    Sta12CollisionAcceptorAwaitingLocalReleaseResponse,
    Sta13AwaitingTransportClose,
}

/// <summary>The events of the upper layer (PS3.8 table 9-10).</summary>
public enum UpperLayerEvent
{
    Evt1AssociateRequestPrimitive = 1,
    Evt2TransportConnected,
    Evt3AssociateAcceptPduReceived,
    Evt4AssociateRejectPduReceived,
    Evt5TransportIndication,
    Evt6AssociateRequestPduReceived,
    Evt7AssociateAcceptPrimitive,
    Evt8AssociateRejectPrimitive,
    Evt9DataRequestPrimitive,
    Evt10DataPduReceived,
    Evt11ReleaseRequestPrimitive,
    Evt12ReleaseRequestPduReceived,
    Evt13ReleaseResponsePduReceived,
    Evt14ReleaseResponsePrimitive,
    Evt15AbortRequestPrimitive,
    Evt16AbortPduReceived,
    Evt17TransportClosed,
    Evt18ArtimTimerExpired,
    Evt19InvalidPduReceived,
}

/// <summary>The actions of the upper layer (PS3.8 tables 9-6 to 9-9), under their names there.</summary>
public enum UpperLayerAction
{
    AE1,
    AE2,
    AE3,
    AE4,
    AE5,
    AE6,
    AE7,
    AE8,
    DT1,
    DT2,
    AR1,
    AR2,
    AR3,
    AR4,
    AR5,
    AR6,
    AR7,
    AR8,
    AR9,
    AR10,
    AA1,
    AA2,
    AA3,
    AA4,
    AA5,
    AA6,
    AA7,
    AA8,
}
