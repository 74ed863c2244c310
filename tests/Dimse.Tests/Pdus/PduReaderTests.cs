using System.Buffers;
using System.Text;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Tests.Fuzz;

namespace ImagingIngestion.Dimse.Tests.Pdus;

/// <summary>The reader follows PS3.8 section 9.3, and is lenient where that is harmless.</summary>
public sealed class PduReaderTests
{
    private static readonly byte[] User = TestPdus.Bytes("50000008 51000004 00004000");
    private static readonly byte[] Context = Item(0x20, [1, 0, 0, 0, .. Item(0x30, "1.2"), .. Item(0x40, "1.2.840.10008.1.2")]);

    [Fact]
    public void A_request_is_read_with_every_item()
    {
        AssociateRequestPdu read = Assert.IsType<AssociateRequestPdu>(TestPdus.Read(TestPdus.Bytes(TestPdus.RequestHex)));

        Assert.Equal(
            (1, "STORE-SCP", "CT 1", "1.2.840.10008.3.1.1.1"),
            (read.ProtocolVersion, read.CalledAeTitle, read.CallingAeTitle, read.ApplicationContext));
        Assert.Equal(
            [(1, TestPdus.CtStorage), (3, TestPdus.StudyRootFind)],
            read.PresentationContexts.Select(context => ((int)context.Id, context.AbstractSyntax)));
        Assert.Equal([TestPdus.ExplicitLittle, TestPdus.ImplicitLittle], read.PresentationContexts[0].TransferSyntaxes);
        AssertUser(read.UserInformation, 16384);
        UserIdentity identity = Assert.IsType<UserIdentity>(read.UserInformation.UserIdentity);
        Assert.Equal(
            (2, true, "user", "pass"), (identity.Type, identity.IsResponseRequested, Ascii(identity.Primary), Ascii(identity.Secondary)));
        Assert.Null(read.UserInformation.UserIdentityResponse);
    }

    [Fact]
    public void An_accept_is_read_with_every_item()
    {
        AssociateAcceptPdu read = Assert.IsType<AssociateAcceptPdu>(TestPdus.Read(TestPdus.Bytes(TestPdus.AcceptHex)));

        Assert.Equal(
            (1, "STORE-SCP", "CT 1", "1.2.840.10008.3.1.1.1"),
            (read.ProtocolVersion, read.CalledAeTitle, read.CallingAeTitle, read.ApplicationContext));
        Assert.Equal(TestPdus.Accept.PresentationContexts, read.PresentationContexts);
        AssertUser(read.UserInformation, 0x20000);
        Assert.Equal("ticket", Ascii(read.UserInformation.UserIdentityResponse!.Value));
        Assert.Null(read.UserInformation.UserIdentity);
    }

    [Fact]
    public void Every_pdu_is_read_as_it_was_written_whole_or_in_pieces()
    {
        Assert.All(TestPdus.All, one =>
        {
            Assert.Equal(one.Bytes, TestPdus.Write(TestPdus.Read(one.Bytes)));
            Assert.Equal(one.Bytes, TestPdus.Write(PduReader.Read(one.Pdu.Type, Pieces.Of(one.Bytes.AsMemory(6), 3))));
        });
    }

    [Theory]
    [InlineData(1, 3, 1)]
    [InlineData(9, 9, 9)]
    public void Results_and_reasons_that_are_not_known_survive(byte result, byte source, byte reason)
    {
        Assert.Equal(new AssociateRejectPdu(result, source, reason), TestPdus.Read([3, 0, 0, 0, 0, 4, 0, result, source, reason]));
        Assert.Equal(new AbortPdu(source, (AbortReason)reason), TestPdus.Read([7, 0, 0, 0, 0, 4, 0, 0, source, reason]));
    }

    [Theory]
    [InlineData("  ARCHIVE       ")]
    [InlineData("ARCHIVE\0\0\0\0\0\0\0\0\0")]
    [InlineData("ARCHIVE \0\0\0\0\0\0\0 ")]
    public void Titles_may_be_padded_with_spaces_or_nuls(string title)
    {
        AssociateRequestPdu read = Request([.. Context, .. User], title);

        Assert.Equal("ARCHIVE", read.CalledAeTitle);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2\0")]
    [InlineData("1.2.840.10008.1.2 ")]
    public void Uids_may_be_padded_with_spaces_or_nuls(string uid)
    {
        AssociateRequestPdu read = Request(
            [.. Item(0x10, uid), .. Item(0x20, [1, 0, 0, 0, .. Item(0x30, uid), .. Item(0x40, uid)]), .. Item(0x50, Item(0x52, uid))]);

        ProposedContext context = Assert.Single(read.PresentationContexts);
        Assert.Equal(
            Enumerable.Repeat("1.2.840.10008.1.2", 4),
            [read.ApplicationContext, context.AbstractSyntax, context.TransferSyntaxes[0], read.UserInformation.ImplementationClassUid!]);
    }

    [Fact]
    public void Items_may_come_in_any_order()
    {
        byte[] third = Item(0x20, [3, 0, 0, 0, .. Item(0x40, "1.2.840.10008.1.2"), .. Item(0x30, "1.3")]);

        AssociateRequestPdu read = Request([.. User, .. third, .. Context, .. Item(0x10, "1.2.840.10008.3.1.1.1")]);

        Assert.Equal([3, 1], read.PresentationContexts.Select(context => (int)context.Id));
        Assert.Equal("1.3", read.PresentationContexts[0].AbstractSyntax);
        Assert.Equal(16384u, read.UserInformation.MaximumLength);
    }

    [Fact]
    public void Unknown_items_are_skipped_wherever_they_stand()
    {
        byte[] unknown = Item(0x7F, "anything");

        AssociateRequestPdu read = Request(
        [
            .. unknown, .. Item(0x20, [1, 0, 0, 0, .. unknown, .. Item(0x30, "1.2"), .. unknown, .. Item(0x40, "1.2.840.10008.1.2")]),
            .. Item(0x50, [.. Item(0x57, "common extended negotiation"), .. unknown, .. Item(0x51, [0, 0, 0x40, 0])]), .. unknown,
        ]);

        Assert.Equal(("1.2", 16384u), (Assert.Single(read.PresentationContexts).AbstractSyntax, read.UserInformation.MaximumLength));
    }

    [Fact]
    public void A_peer_may_leave_out_its_implementation_and_application_context()
    {
        AssociateRequestPdu read = Request([.. Context, .. User]);

        Assert.Equal("", read.ApplicationContext);
        Assert.Null(read.UserInformation.ImplementationClassUid);
        Assert.Null(read.UserInformation.ImplementationVersionName);
        Assert.Null(read.UserInformation.AsynchronousOperations);
        Assert.Empty(read.UserInformation.RoleSelections);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public void Zeros_behind_the_last_item_are_no_item(int count)
    {
        AssociateRequestPdu read = Request([.. Context, .. User, .. new byte[count]]);

        Assert.Single(read.PresentationContexts);
    }

    [Fact]
    public void A_context_that_was_not_accepted_needs_no_transfer_syntax()
    {
        byte[] body = [.. Head("A"), .. Item(0x21, [5, 0, 4, 0]), .. User];

        AssociateAcceptPdu read = Assert.IsType<AssociateAcceptPdu>(
            PduReader.Read(PduType.AssociateAccept, new ReadOnlySequence<byte>(body)));

        Assert.Equal([new ContextResult(5, ContextResultReason.TransferSyntaxesNotSupported, "")], read.PresentationContexts);
    }

    private static void AssertUser(UserInformation user, uint maximumLength)
    {
        Assert.Equal(
            (maximumLength, "1.2.3.4", "OURS_1"), (user.MaximumLength, user.ImplementationClassUid, user.ImplementationVersionName));
        Assert.Equal(new AsynchronousOperationsWindow(5, 1), user.AsynchronousOperations);
        Assert.Equal([new RoleSelection(TestPdus.CtStorage, IsScu: false, IsScp: true)], user.RoleSelections);
        ExtendedNegotiation negotiation = Assert.Single(user.ExtendedNegotiations);
        Assert.Equal(TestPdus.StudyRootFind, negotiation.SopClassUid);
        Assert.Equal([1, 0, 1], negotiation.Information.ToArray());
    }

    private static AssociateRequestPdu Request(byte[] items, string called = "A")
        => Assert.IsType<AssociateRequestPdu>(
            PduReader.Read(PduType.AssociateRequest, new ReadOnlySequence<byte>([.. Head(called), .. items])));

    private static byte[] Head(string called)
        => [0, 1, 0, 0, .. Encoding.ASCII.GetBytes(called.PadRight(16)), .. Encoding.ASCII.GetBytes("B".PadRight(16)), .. new byte[32]];

    private static byte[] Item(byte type, string text) => Item(type, Encoding.ASCII.GetBytes(text));

    private static byte[] Item(byte type, byte[] value) => [type, 0, (byte)(value.Length >> 8), (byte)value.Length, .. value];

    private static string Ascii(ReadOnlyMemory<byte> bytes) => Encoding.ASCII.GetString(bytes.Span);
}
