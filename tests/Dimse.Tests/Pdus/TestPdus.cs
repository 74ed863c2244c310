using System.Buffers;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Tests.Pdus;

/// <summary>PDUs with every item, and their bytes.</summary>
/// <remarks>The bytes are composed by hand from the layouts of PS3.8 section 9.3 and PS3.7 annex D.3.3, not by the writer.</remarks>
internal static class TestPdus
{
    public const string CtStorage = "1.2.840.10008.5.1.4.1.1.2";
    public const string StudyRootFind = "1.2.840.10008.5.1.4.1.2.2.1";
    public const string ImplicitLittle = "1.2.840.10008.1.2";
    public const string ExplicitLittle = "1.2.840.10008.1.2.1";

    public const string RequestHex = """
        01000000016a
        0001 0000 53544f52452d53435020202020202020 43542031202020202020202020202020
        0000000000000000000000000000000000000000000000000000000000000000
        10000015 312e322e3834302e31303030382e332e312e312e31
        2000004d 01000000
            30000019 312e322e3834302e31303030382e352e312e342e312e312e32
            40000013 312e322e3834302e31303030382e312e322e31
            40000011 312e322e3834302e31303030382e312e32
        20000038 03000000
            3000001b 312e322e3834302e31303030382e352e312e342e312e322e322e31
            40000011 312e322e3834302e31303030382e312e32
        5000007c
            51000004 00004000
            52000007 312e322e332e34
            53000004 0005 0001
            5400001d 0019 312e322e3834302e31303030382e352e312e342e312e312e32 00 01
            55000006 4f5552535f31
            56000020 001b 312e322e3834302e31303030382e352e312e342e312e322e322e31 010001
            5800000e 02 01 0004 75736572 0004 70617373
        """;

    public const string AcceptHex = """
        020000000113
        0001 0000 53544f52452d53435020202020202020 43542031202020202020202020202020
        0000000000000000000000000000000000000000000000000000000000000000
        10000015 312e322e3834302e31303030382e332e312e312e31
        2100001b 01000000
            40000013 312e322e3834302e31303030382e312e322e31
        21000019 03000300
            40000011 312e322e3834302e31303030382e312e32
        50000076
            51000004 00020000
            52000007 312e322e332e34
            53000004 0005 0001
            5400001d 0019 312e322e3834302e31303030382e352e312e342e312e312e32 00 01
            55000006 4f5552535f31
            56000020 001b 312e322e3834302e31303030382e352e312e342e312e322e322e31 010001
            59000008 0006 7469636b6574
        """;

    public static AssociateRequestPdu Request { get; } = new()
    {
        CalledAeTitle = "STORE-SCP",
        CallingAeTitle = "CT 1",
        PresentationContexts =
        [
            new ProposedContext(1, CtStorage, [ExplicitLittle, ImplicitLittle]),
            new ProposedContext(3, StudyRootFind, [ImplicitLittle])
        ],
        UserInformation = User(16384) with
        {
            UserIdentity = new UserIdentity(2, IsResponseRequested: true, "user"u8.ToArray(), "pass"u8.ToArray())
        },
    };

    public static AssociateAcceptPdu Accept { get; } = new()
    {
        CalledAeTitle = "STORE-SCP",
        CallingAeTitle = "CT 1",
        PresentationContexts =
        [
            new ContextResult(1, ContextResultReason.Acceptance, ExplicitLittle),
            new ContextResult(3, ContextResultReason.AbstractSyntaxNotSupported, ImplicitLittle)
        ],
        UserInformation = User(0x20000) with { UserIdentityResponse = "ticket"u8.ToArray() },
    };

    /// <summary>Each PDU with its bytes.</summary>
    public static IReadOnlyList<(Pdu Pdu, byte[] Bytes)> All { get; } =
    [
        (Request, Bytes(RequestHex)),
        (Accept, Bytes(AcceptHex)),
        (new AssociateRejectPdu(RejectReason.LocalLimitExceeded), Bytes("030000000004 00 02 03 02")),
        (new ReleaseRequestPdu(), Bytes("050000000004 00000000")),
        (new ReleaseResponsePdu(), Bytes("060000000004 00000000")),
        (AbortPdu.ByProvider(AbortReason.UnexpectedPdu), Bytes("070000000004 0000 02 02")),
    ];

    /// <summary>Parses hexadecimal digits; white space is ignored.</summary>
    public static byte[] Bytes(string hex) => Convert.FromHexString(string.Concat(hex.Where(character => !char.IsWhiteSpace(character))));

    public static byte[] Write(Pdu pdu)
    {
        ArrayBufferWriter<byte> writer = new();
        PduWriter.Write(writer, pdu);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a PDU with its header.</summary>
    public static Pdu Read(byte[] bytes)
        => PduReader.Read((PduType)bytes[0], new ReadOnlySequence<byte>(bytes.AsMemory(DataTransferPdu.PduHeaderSize)));

    private static UserInformation User(uint maximumLength) => new()
    {
        MaximumLength = maximumLength,
        ImplementationClassUid = "1.2.3.4",
        ImplementationVersionName = "OURS_1",
        AsynchronousOperations = new AsynchronousOperationsWindow(5, 1),
        RoleSelections = [new RoleSelection(CtStorage, IsScu: false, IsScp: true)],
        ExtendedNegotiations = [new ExtendedNegotiation(StudyRootFind, new byte[] { 1, 0, 1 })],
    };
}
