using System.Buffers;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Tests.Pdus;

/// <summary>The writer follows PS3.8 section 9.3, and refuses values that a PDU cannot hold.</summary>
public sealed class PduWriterTests
{
    [Fact]
    public void Every_pdu_is_written_as_the_standard_lays_it_out()
        => Assert.All(TestPdus.All, one => Assert.Equal(Convert.ToHexString(one.Bytes), Convert.ToHexString(TestPdus.Write(one.Pdu))));

    [Fact]
    public void Optional_items_are_left_out()
    {
        AssociateRequestPdu request = TestPdus.Request with
        {
            UserInformation = new UserInformation { MaximumLength = 0 },
            PresentationContexts = []
        };

        byte[] bytes = TestPdus.Write(request);

        Assert.Equal(TestPdus.Bytes("50000008 51000004 00000000"), bytes[^12..]);
        Assert.Equal(6 + 68 + 25 + 12, bytes.Length);
    }

    [Fact]
    public void Lengths_above_255_are_written_in_two_bytes()
    {
        byte[] token = new byte[700];
        AssociateRequestPdu request = TestPdus.Request with
        {
            UserInformation = new UserInformation
            {
                MaximumLength = 0,
                UserIdentity = new UserIdentity(5, IsResponseRequested: false, token, default),
                ExtendedNegotiations = [new ExtendedNegotiation("1.2", token)]
            },
        };

        AssociateRequestPdu read = Assert.IsType<AssociateRequestPdu>(TestPdus.Read(TestPdus.Write(request)));

        Assert.Equal(700, read.UserInformation.UserIdentity!.Primary.Length);
        Assert.Equal(700, Assert.Single(read.UserInformation.ExtendedNegotiations).Information.Length);
    }

    [Fact]
    public void A_request_with_all_128_contexts_is_read_as_it_was_written()
    {
        ProposedContext[] contexts = [.. Enumerable.Range(0, 128).Select(number => new ProposedContext(
            (byte)((number * 2) + 1), $"1.2.{number}", [.. Enumerable.Range(0, 50).Select(syntax => $"1.2.840.10008.1.2.{syntax}")]))];

        AssociateRequestPdu read = Assert.IsType<AssociateRequestPdu>(
            TestPdus.Read(TestPdus.Write(TestPdus.Request with { PresentationContexts = contexts })));

        Assert.Equal(
            contexts.Select(context => (context.Id, context.AbstractSyntax)),
            read.PresentationContexts.Select(context => (context.Id, context.AbstractSyntax)));
        Assert.All(
            contexts.Zip(read.PresentationContexts), pair => Assert.Equal(pair.First.TransferSyntaxes, pair.Second.TransferSyntaxes));
    }

    [Fact]
    public void A_value_that_a_PDU_cannot_hold_is_refused_before_a_byte_is_written()
    {
        AssertRefused(TestPdus.Request with { CalledAeTitle = "LONGER-THAN-16-CH" });
        AssertRefused(TestPdus.Accept with { CallingAeTitle = "ÄRZTE" });
        AssertRefused(TestPdus.Request with { PresentationContexts = [new ProposedContext(1, "1.2", [new string('1', 70_000)])] });
        AssertRefused(TestPdus.Request with
        {
            PresentationContexts = [new ProposedContext(1, "1.2", [.. Enumerable.Repeat("1.2.840.10008.1.2.4.100", 3000)])]
        });
        AssertRefused(
            TestPdus.Accept with { UserInformation = new UserInformation { MaximumLength = 0, UserIdentityResponse = new byte[70_000] } });
    }

    private static void AssertRefused(Pdu pdu)
    {
        ArrayBufferWriter<byte> writer = new();

        Assert.Throws<ArgumentException>(() => PduWriter.Write(writer, pdu));
        Assert.Equal(0, writer.WrittenCount);
    }
}
