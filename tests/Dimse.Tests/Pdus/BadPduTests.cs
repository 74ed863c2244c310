using System.Buffers;
using System.Buffers.Binary;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Tests.Pdus;

/// <summary>The reader refuses invalid PDUs with a <see cref="PduException"/> and no other exception.</summary>
public sealed class BadPduTests
{
    private const int HeadSize = 68;

    [Fact]
    public void A_pdu_that_is_cut_off_at_any_byte_is_refused()
    {
        Assert.All(TestPdus.All, one =>
        {
            for (int length = 0; length < one.Bytes.Length - 6; length++)
            {
                PduException exception = Refuse(one.Pdu.Type, one.Bytes.AsMemory(6, length).ToArray());
                Assert.Equal(AbortReason.InvalidParameterValue, exception.Reason);
            }
        });
    }

    [Theory]
    [InlineData(TestPdus.RequestHex, 20)]
    [InlineData(TestPdus.AcceptHex, 16)]
    public void Every_length_is_checked_against_what_is_left(string hex, int lengths)
    {
        byte[] body = TestPdus.Bytes(hex)[6..];
        Pdu unharmed = PduReader.Read((PduType)TestPdus.Bytes(hex)[0], new ReadOnlySequence<byte>(body));
        List<int> offsets = [.. Lengths(body, HeadSize, body.Length)];
        Assert.Equal(lengths, offsets.Count);

        Assert.All(offsets, offset =>
        {
            ushort length = BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(offset));
            RefuseAllOrContext(unharmed.Type, With(body, offset, ushort.MaxValue));
            RefuseAllOrContext(unharmed.Type, With(body, offset, (ushort)(body.Length - offset - 1)));
            foreach (int wrong in new[] { 0, length - 1, length + 1 })
            {
                ReadOrRefuse(unharmed.Type, With(body, offset, (ushort)wrong));
            }
        });
    }

    [Theory]
    [InlineData("no user information", "")]
    [InlineData("a maximum length of three bytes", "50000007 51000003 000040")]
    [InlineData("a window of three bytes", "50000007 53000003 000100")]
    [InlineData("a role without flags", "50000009 54000005 0003 312e32")]
    [InlineData("a role with a UID that is longer", "5000000b 54000007 0006 312e32 0101")]
    [InlineData("a negotiation with a UID that is longer", "50000009 56000005 0004 312e32")]
    [InlineData("an identity without passcode", "5000000a 58000006 0101 0002 6162")]
    [InlineData("an identity that is longer", "5000000c 58000008 0101 0003 6162 0000")]
    [InlineData("a rest that is no item", "50000000 010203")]
    public void A_request_is_refused_for(string what, string items)
    {
        bool needsUser = !items.StartsWith("50", StringComparison.Ordinal) && items.Length > 0;
        byte[] body = [.. new byte[HeadSize], .. TestPdus.Bytes(items), .. needsUser ? TestPdus.Bytes("50000008 51000004 00004000") : []];

        Assert.True(Refuse(PduType.AssociateRequest, body).Reason == AbortReason.InvalidParameterValue, what);
    }

    [Theory]
    [InlineData("2100000a 02000000 40000002 312e")]
    [InlineData("2100000a 01000000 40000002 312e 2100000a 01000000 40000002 312e")]
    [InlineData("21000003 010000")]
    public void An_accept_is_refused_for_even_double_and_cut_off_contexts(string contexts)
        => Refuse(
            PduType.AssociateAccept, [.. new byte[HeadSize], .. TestPdus.Bytes(contexts), .. TestPdus.Bytes("50000008 51000004 00004000")]);

    [Theory]
    [InlineData("a context without transfer syntax", "20000009 01000000 30000001 31")]
    [InlineData("a context without abstract syntax", "20000009 01000000 40000001 31")]
    [InlineData("a context without anything", "20000004 01000000")]
    [InlineData("a context shorter than its head", "20000001 01")]
    [InlineData("a context whose items are cut off", "2000000b 01000000 30000001 31 4000")]
    [InlineData("a context whose abstract syntax is longer than it", "20000009 01000000 30000009 31")]
    [InlineData("an ID twice", "2000000e 01000000 30000001 31 40000001 31 2000000e 01000000 30000001 32 40000001 31")]
    [InlineData("an even ID", "2000000e 02000000 30000001 31 40000001 31")]
    [InlineData("the ID 0", "2000000e 00000000 30000001 31 40000001 31")]
    public void A_bad_context_is_refused_alone(string what, string bad)
    {
        const string Good = "2000000e 07000000 30000001 33 40000001 34";
        byte[] body =
        [
            .. new byte[HeadSize],
            .. TestPdus.Bytes(bad),
            .. TestPdus.Bytes(Good),
            .. TestPdus.Bytes("50000008 51000004 00004000")
        ];

        IReadOnlyList<ProposedContext> contexts = Request(body).PresentationContexts;

        ProposedContext refused = Assert.Single(contexts, context => context.Id != 7);
        Assert.True(refused.AbstractSyntax.Length == 0 || refused.TransferSyntaxes.Count == 0, what);
        ProposedContext good = Assert.Single(contexts, context => context.Id == 7);
        Assert.Equal("3", good.AbstractSyntax);
        Assert.Equal(["4"], good.TransferSyntaxes);
    }

    [Fact]
    public void A_context_without_an_ID_cannot_be_answered_and_is_passed_over()
        => Assert.Empty(Request([.. new byte[HeadSize], .. TestPdus.Bytes("20000000 50000008 51000004 00004000")]).PresentationContexts);

    [Fact]
    public void A_context_proposes_at_most_256_transfer_syntaxes()
    {
        Assert.Equal(256, Request(Syntaxes(256)).PresentationContexts[0].TransferSyntaxes.Count);
        Assert.Empty(Request(Syntaxes(257)).PresentationContexts[0].TransferSyntaxes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(255)]
    public void Other_types_of_PDU_are_not_recognised(byte type)
        => Assert.Equal(AbortReason.UnrecognizedPdu, Refuse((PduType)type, new byte[100]).Reason);

    [Fact]
    public void The_longest_pdu_is_read_with_little_memory_and_one_byte_more_is_refused()
    {
        byte[] body = new byte[PduReader.MaxLength];
        TestPdus.Bytes(TestPdus.RequestHex).AsSpan(6).CopyTo(body);
        body[^1] = 1;
        long allocated = GC.GetAllocatedBytesForCurrentThread();

        // The body is full of zero-length items of type 0; the last byte begins an item that is cut off.
        Refuse(PduType.AssociateRequest, body);

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated < 64 << 10);
        Refuse(PduType.AssociateRequest, new byte[PduReader.MaxLength + 1]);
    }

    private static byte[] Syntaxes(int count)
    {
        byte[] syntaxes = [.. Enumerable.Repeat(TestPdus.Bytes("40000003 312e32"), count).SelectMany(bytes => bytes)];
        int length = 4 + 7 + syntaxes.Length;
        return
        [
            .. new byte[HeadSize],
            0x20, 0, (byte)(length >> 8), (byte)length, 1, 0, 0, 0,
            .. TestPdus.Bytes("30000003 312e32"),
            .. syntaxes,
            .. TestPdus.Bytes("50000008 51000004 00004000"),
        ];
    }

    /// <summary>Finds the offset of every length, in items and in nested items.</summary>
    private static IEnumerable<int> Lengths(byte[] body, int start, int end)
    {
        for (int offset = start; offset < end;)
        {
            byte type = body[offset];
            int value = offset + 4;
            int length = BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(offset + 2));
            yield return offset + 2;
            IEnumerable<int> inner = type switch
            {
                0x20 or 0x21 => Lengths(body, value + 4, value + length),
                0x50 => Lengths(body, value, value + length),
                0x54 or 0x56 or 0x59 => [value],
                0x58 => [value + 2, value + 4 + BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(value + 2))],
                _ => [],
            };
            foreach (int one in inner)
            {
                yield return one;
            }

            offset = value + length;
        }
    }

    private static byte[] With(byte[] body, int offset, ushort length)
    {
        byte[] changed = [.. body];
        BinaryPrimitives.WriteUInt16BigEndian(changed.AsSpan(offset), length);
        return changed;
    }

    private static void ReadOrRefuse(PduType type, byte[] body)
    {
        try
        {
            PduReader.Read(type, new ReadOnlySequence<byte>(body));
        }
        catch (PduException)
        {
            // The test looks for every other exception.
        }
    }

    private static AssociateRequestPdu Request(byte[] body)
        => Assert.IsType<AssociateRequestPdu>(PduReader.Read(PduType.AssociateRequest, new ReadOnlySequence<byte>(body)));

    /// <summary>Reads a request whose wrong length lies within a proposed context: the reader may refuse only that context.</summary>
    private static void RefuseAllOrContext(PduType type, byte[] body)
    {
        try
        {
            AssociateRequestPdu request = Assert.IsType<AssociateRequestPdu>(PduReader.Read(type, new ReadOnlySequence<byte>(body)));
            Assert.Contains(request.PresentationContexts, context => context.AbstractSyntax.Length == 0);
        }
        catch (PduException)
        {
            // Refusing the whole request is allowed, too.
        }
    }

    private static PduException Refuse(PduType type, byte[] body)
        => Assert.Throws<PduException>(() => PduReader.Read(type, new ReadOnlySequence<byte>(body)));
}
