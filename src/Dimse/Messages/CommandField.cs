namespace ImagingIngestion.Dimse.Messages;

/// <summary>Command Field (0000,0100) (PS3.7 section E.1); responses have bit 15 set.</summary>
public enum CommandField : ushort
{
    CStoreRequest = 0x0001,
    CGetRequest = 0x0010,
    CFindRequest = 0x0020,
    CMoveRequest = 0x0021,
    CEchoRequest = 0x0030,
    NEventReportRequest = 0x0100,
    NGetRequest = 0x0110,
    NSetRequest = 0x0120,
    NActionRequest = 0x0130,
    NCreateRequest = 0x0140,
    NDeleteRequest = 0x0150,
    CCancelRequest = 0x0FFF,
    CStoreResponse = 0x8001,
    CGetResponse = 0x8010,
    CFindResponse = 0x8020,
    CMoveResponse = 0x8021,
    CEchoResponse = 0x8030,
    NEventReportResponse = 0x8100,
    NGetResponse = 0x8110,
    NSetResponse = 0x8120,
    NActionResponse = 0x8130,
    NCreateResponse = 0x8140,
    NDeleteResponse = 0x8150,
}

/// <summary>The properties of a command that its number shows.</summary>
internal static class CommandFields
{
    private const ushort ResponseBit = 0x8000;

    /// <summary>Returns whether it is a response, known here or not.</summary>
    public static bool IsResponse(this CommandField field) => ((ushort)field & ResponseBit) != 0;

    /// <summary>Returns the response to this request.</summary>
    public static CommandField ResponseField(this CommandField request) => (CommandField)((ushort)request | ResponseBit);
}
