using System.Buffers;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Tests.Pdus;

namespace ImagingIngestion.Dimse.Tests.Messages;

/// <summary>Every command, and its bytes as pydicom's writer (2.3.1) writes the elements of PS3.7 sections 9.3 and 10.3.</summary>
internal static class TestCommands
{
    public const string Verification = "1.2.840.10008.1.1";
    public const string CtStorage = "1.2.840.10008.5.1.4.1.1.2";
    public const string StudyRoot = "1.2.840.10008.5.1.4.1.2.2";
    public const string Commitment = "1.2.840.10008.1.20.1";
    public const string CommitmentInstance = "1.2.840.10008.1.20.1.1";

    public static IReadOnlyList<TestCommand> All { get; } =
    [
        new("C-ECHO-RQ", new CEchoRequest { MessageId = 7, SopClassUid = Verification }, false, """
            00000000 04000000 38000000
            00000200 12000000 312e322e3834302e31303030382e312e3100
            00000001 02000000 3000
            00001001 02000000 0700
            00000008 02000000 0101
            """),
        new("C-ECHO-RSP", new CEchoResponse { RespondsTo = 7, SopClassUid = Verification, Status = DimseStatus.Success }, false, """
            00000000 04000000 42000000
            00000200 12000000 312e322e3834302e31303030382e312e3100
            00000001 02000000 3080
            00002001 02000000 0700
            00000008 02000000 0101
            00000009 02000000 0000
            """),
        new("C-STORE-RQ", new CStoreRequest
        {
            MessageId = 9,
            SopClassUid = CtStorage,
            SopInstanceUid = "1.2.3.4",
            Priority = DimsePriority.High,
            MoveOriginatorAeTitle = "MOVER-1",
            MoveOriginatorMessageId = 0x1234
        }, true, """
            00000000 04000000 74000000
            00000200 1a000000 312e322e3834302e31303030382e352e312e342e312e312e3200
            00000001 02000000 0100
            00001001 02000000 0900
            00000007 02000000 0100
            00000008 02000000 0000
            00000010 08000000 312e322e332e3400
            00003010 08000000 4d4f5645522d3120
            00003110 02000000 3412
            """),
        new("C-STORE-RSP", new CStoreResponse
        {
            RespondsTo = 9,
            SopClassUid = CtStorage,
            SopInstanceUid = "1.2.3.4",
            Status = DimseStatus.OutOfResources,
            ErrorComment = "No space left"
        }, false, """
            00000000 04000000 70000000
            00000200 1a000000 312e322e3834302e31303030382e352e312e342e312e312e3200
            00000001 02000000 0180
            00002001 02000000 0900
            00000008 02000000 0101
            00000009 02000000 00a7
            00000209 0e000000 4e6f207370616365206c65667420
            00000010 08000000 312e322e332e3400
            """),
        new("C-FIND-RQ", new CFindRequest { MessageId = 65535, SopClassUid = StudyRoot + ".1", Priority = DimsePriority.Low }, true, """
            00000000 04000000 4c000000
            00000200 1c000000 312e322e3834302e31303030382e352e312e342e312e322e322e3100
            00000001 02000000 2000
            00001001 02000000 ffff
            00000007 02000000 0200
            00000008 02000000 0000
            """),
        new(
            "C-FIND-RSP",
            new CFindResponse { RespondsTo = 65535, SopClassUid = StudyRoot + ".1", Status = DimseStatus.PendingWithoutSomeKeys },
            true,
            """
            00000000 04000000 4c000000
            00000200 1c000000 312e322e3834302e31303030382e352e312e342e312e322e322e3100
            00000001 02000000 2080
            00002001 02000000 ffff
            00000008 02000000 0000
            00000009 02000000 01ff
            """),
        new("C-GET-RQ", new CGetRequest { MessageId = 3, SopClassUid = StudyRoot + ".3" }, true, """
            00000000 04000000 4c000000
            00000200 1c000000 312e322e3834302e31303030382e352e312e342e312e322e322e3300
            00000001 02000000 1000
            00001001 02000000 0300
            00000007 02000000 0000
            00000008 02000000 0000
            """),
        new("C-GET-RSP", new CGetResponse
        {
            RespondsTo = 3,
            SopClassUid = StudyRoot + ".3",
            Status = DimseStatus.Pending,
            SubOperations = new SubOperations(4, 3, 2, 1)
        }, false, """
            00000000 04000000 74000000
            00000200 1c000000 312e322e3834302e31303030382e352e312e342e312e322e322e3300
            00000001 02000000 1080
            00002001 02000000 0300
            00000008 02000000 0101
            00000009 02000000 00ff
            00002010 02000000 0400
            00002110 02000000 0300
            00002210 02000000 0200
            00002310 02000000 0100
            """),
        new("C-MOVE-RQ", new CMoveRequest { MessageId = 4, SopClassUid = StudyRoot + ".2", MoveDestination = "DEST1" }, true, """
            00000000 04000000 5a000000
            00000200 1c000000 312e322e3834302e31303030382e352e312e342e312e322e322e3200
            00000001 02000000 2100
            00001001 02000000 0400
            00000006 06000000 444553543120
            00000007 02000000 0000
            00000008 02000000 0000
            """),
        new("C-MOVE-RSP", new CMoveResponse
        {
            RespondsTo = 4,
            SopClassUid = StudyRoot + ".2",
            Status = DimseStatus.Success,
            SubOperations = new SubOperations(null, 300, 0, 0)
        }, false, """
            00000000 04000000 6a000000
            00000200 1c000000 312e322e3834302e31303030382e352e312e342e312e322e322e3200
            00000001 02000000 2180
            00002001 02000000 0400
            00000008 02000000 0101
            00000009 02000000 0000
            00002110 02000000 2c01
            00002210 02000000 0000
            00002310 02000000 0000
            """),
        new("C-CANCEL-RQ", new CCancelRequest(4), false, """
            00000000 04000000 1e000000
            00000001 02000000 ff0f
            00002001 02000000 0400
            00000008 02000000 0101
            """),
        new(
            "N-ACTION-RQ",
            new NActionRequest { MessageId = 5, SopClassUid = Commitment, SopInstanceUid = CommitmentInstance, ActionTypeId = 1 },
            true,
            """
            00000000 04000000 62000000
            00000300 14000000 312e322e3834302e31303030382e312e32302e31
            00000001 02000000 3001
            00001001 02000000 0500
            00000008 02000000 0000
            00000110 16000000 312e322e3834302e31303030382e312e32302e312e31
            00000810 02000000 0100
            """),
        new("N-ACTION-RSP", new NActionResponse
        {
            RespondsTo = 5,
            SopClassUid = Commitment,
            SopInstanceUid = CommitmentInstance,
            ActionTypeId = 1,
            Status = DimseStatus.NoSuchInstance
        }, false, """
            00000000 04000000 6c000000
            00000200 14000000 312e322e3834302e31303030382e312e32302e31
            00000001 02000000 3081
            00002001 02000000 0500
            00000008 02000000 0101
            00000009 02000000 1201
            00000010 16000000 312e322e3834302e31303030382e312e32302e312e31
            00000810 02000000 0100
            """),
        new(
            "N-EVENT-REPORT-RQ",
            new NEventReportRequest { MessageId = 6, SopClassUid = Commitment, SopInstanceUid = CommitmentInstance, EventTypeId = 2 },
            true,
            """
            00000000 04000000 62000000
            00000200 14000000 312e322e3834302e31303030382e312e32302e31
            00000001 02000000 0001
            00001001 02000000 0600
            00000008 02000000 0000
            00000010 16000000 312e322e3834302e31303030382e312e32302e312e31
            00000210 02000000 0200
            """),
        new("N-EVENT-REPORT-RSP", new NEventReportResponse
        {
            RespondsTo = 6,
            SopClassUid = Commitment,
            SopInstanceUid = CommitmentInstance,
            EventTypeId = 2,
            Status = DimseStatus.Success
        }, false, """
            00000000 04000000 6c000000
            00000200 14000000 312e322e3834302e31303030382e312e32302e31
            00000001 02000000 0081
            00002001 02000000 0600
            00000008 02000000 0101
            00000009 02000000 0000
            00000010 16000000 312e322e3834302e31303030382e312e32302e312e31
            00000210 02000000 0200
            """),
        new("N-GET-RQ", new OtherRequest(CommandField.NGetRequest) { MessageId = 8, SopClassUid = "1.2.3" }, false, """
            00000000 04000000 2c000000
            00000300 06000000 312e322e3300
            00000001 02000000 1001
            00001001 02000000 0800
            00000008 02000000 0101
            """),
        new("N-SET-RQ", new OtherRequest(CommandField.NSetRequest) { MessageId = 8, SopClassUid = "1.2.3" }, true, """
            00000000 04000000 2c000000
            00000300 06000000 312e322e3300
            00000001 02000000 2001
            00001001 02000000 0800
            00000008 02000000 0000
            """),
        new("N-DELETE-RQ", new OtherRequest(CommandField.NDeleteRequest) { MessageId = 8, SopClassUid = "1.2.3" }, false, """
            00000000 04000000 2c000000
            00000300 06000000 312e322e3300
            00000001 02000000 5001
            00001001 02000000 0800
            00000008 02000000 0101
            """),
        new("N-CREATE-RQ", new OtherRequest(CommandField.NCreateRequest) { MessageId = 8, SopClassUid = "1.2.3" }, true, """
            00000000 04000000 2c000000
            00000200 06000000 312e322e3300
            00000001 02000000 4001
            00001001 02000000 0800
            00000008 02000000 0000
            """),
        new("N-CREATE-RSP", new OtherResponse(CommandField.NCreateResponse)
        {
            RespondsTo = 8,
            SopClassUid = "1.2.3",
            Status = DimseStatus.UnrecognizedOperation
        }, false, """
            00000000 04000000 36000000
            00000200 06000000 312e322e3300
            00000001 02000000 4081
            00002001 02000000 0800
            00000008 02000000 0101
            00000009 02000000 1102
            """),
    ];

    public static byte[] Write(DimseCommand command, bool hasDataSet)
    {
        ArrayBufferWriter<byte> writer = new();
        CommandSet.Write(writer, command, hasDataSet);
        return writer.WrittenSpan.ToArray();
    }
}

/// <summary>A command with its bytes; each line is an element: tag, length, value.</summary>
internal sealed record TestCommand(string Name, DimseCommand Command, bool HasDataSet, string Hex)
{
    public byte[] Bytes => TestPdus.Bytes(Hex);

    public override string ToString() => Name;
}
