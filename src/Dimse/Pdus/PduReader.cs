using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ImagingIngestion.Dimse;

/// <summary>Reads the PDUs that are whole in memory (PS3.8 section 9.3).</summary>
public static class PduReader
{
    /// <summary>The longest association PDU that is taken, without its header; the most that 128 contexts with many transfer syntaxes need is far less.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>More than a PDU with all its contexts, or a context with all transfer syntaxes, has use for.</summary>
    private const int MaxItems = 1024;

    /// <param name="type">The first byte of the header.</param>
    /// <param name="body">What follows the header of six bytes, as long as that says and at most <see cref="MaxLength"/>.</param>
    /// <exception cref="PduException">It cannot be read.</exception>
    public static Pdu Read(PduType type, ReadOnlySequence<byte> body)
    {
        try
        {
            return Check(Read(type, body.ToArray()));
        }
        catch (Exception exception) when (exception is ArgumentException or IndexOutOfRangeException or InvalidOperationException)
        {
            throw new PduException(AbortReason.InvalidParameterValue, $"A PDU {type} is too short.");
        }
    }

    private static Pdu Read(PduType type, ReadOnlySpan<byte> body) => type switch
    {
        PduType.AssociateRequest => new AssociateRequestPdu
        {
            ProtocolVersion = BinaryPrimitives.ReadUInt16BigEndian(body),
            CalledAeTitle = Text(body.Slice(4, 16)),
            CallingAeTitle = Text(body.Slice(20, 16)),
            ApplicationContext = Items(body[68..]).Where(item => item.Type == 0x10).Select(item => Text(item.Value)).FirstOrDefault() ?? "",
            PresentationContexts = [.. Items(body[68..]).Where(item => item.Type == 0x20).Select(item => Proposed(item.Value))],
            UserInformation = User(body[68..]),
        },
        PduType.AssociateAccept => new AssociateAcceptPdu
        {
            ProtocolVersion = BinaryPrimitives.ReadUInt16BigEndian(body),
            CalledAeTitle = Text(body.Slice(4, 16)),
            CallingAeTitle = Text(body.Slice(20, 16)),
            PresentationContexts = [.. Items(body[68..]).Where(item => item.Type == 0x21).Select(item => new ContextResult(
                item.Value[0], (ContextResultReason)item.Value[2], Items(item.Value.AsSpan(4)).Where(one => one.Type == 0x40).Select(one => Text(one.Value)).FirstOrDefault() ?? ""))],
            UserInformation = User(body[68..]),
        },
        PduType.AssociateReject => new AssociateRejectPdu(body[1], body[2], body[3]),
        PduType.ReleaseRequest => new ReleaseRequestPdu(),
        PduType.ReleaseResponse => new ReleaseResponsePdu(),
        PduType.Abort => new AbortPdu(body[2], (AbortReason)body[3]),
        _ => throw new PduException(AbortReason.UnrecognizedPdu, "The PDU is not known."),
    };

    /// <summary>Context IDs are odd and their own (PS3.8 section 9.3.2.2).</summary>
    private static Pdu Check(Pdu pdu)
        => pdu is not AssociateRequestPdu { PresentationContexts: var contexts } || (contexts.All(context => context.Id % 2 == 1) && contexts.DistinctBy(context => context.Id).Count() == contexts.Count)
            ? pdu
            : throw new PduException(AbortReason.InvalidParameterValue, "A presentation context ID is even, or is used twice.");

    private static ProposedContext Proposed(byte[] value)
    {
        List<(byte Type, byte[] Value)> items = Items(value.AsSpan(4));
        return new ProposedContext(value[0], Text(items.First(item => item.Type == 0x30).Value), [.. items.Where(item => item.Type == 0x40).Select(item => Text(item.Value))]);
    }

    private static UserInformation User(ReadOnlySpan<byte> items)
    {
        byte[] user = Items(items).Where(item => item.Type == 0x50).Select(item => item.Value).FirstOrDefault() ?? [];
        List<(byte Type, byte[] Value)> all = Items(user);
        byte[]? Find(byte type) => all.Where(item => item.Type == type).Select(item => item.Value).FirstOrDefault();
        return new UserInformation
        {
            MaximumLength = Find(0x51) is { } length ? BinaryPrimitives.ReadUInt32BigEndian(length) : 0,
            ImplementationClassUid = Find(0x52) is { } uid ? Text(uid) : null,
            ImplementationVersionName = Find(0x55) is { } name ? Text(name) : null,
            AsynchronousOperations = Find(0x53) is { } window ? new AsynchronousOperationsWindow(BinaryPrimitives.ReadUInt16BigEndian(window), BinaryPrimitives.ReadUInt16BigEndian(window.AsSpan(2))) : null,
            RoleSelections = [.. all.Where(item => item.Type == 0x54).Select(item => new RoleSelection(Text(item.Value.AsSpan(2, item.Value[1])), item.Value[^2] == 1, item.Value[^1] == 1))],
            ExtendedNegotiations = [.. all.Where(item => item.Type == 0x56).Select(item => new ExtendedNegotiation(Text(item.Value.AsSpan(2, item.Value[1])), item.Value.AsMemory(2 + item.Value[1])))],
            UserIdentity = Find(0x58) is { } identity ? Identity(identity) : null,
            UserIdentityResponse = Find(0x59) is { } response ? response.AsMemory(2, BinaryPrimitives.ReadUInt16BigEndian(response)) : null,
        };
    }

    private static UserIdentity Identity(byte[] item)
    {
        int primary = BinaryPrimitives.ReadUInt16BigEndian(item.AsSpan(2));
        int secondary = BinaryPrimitives.ReadUInt16BigEndian(item.AsSpan(4 + primary));
        return new UserIdentity(item[0], item[1] == 1, item.AsMemory(4, primary), item.AsMemory(6 + primary, secondary));
    }

    private static List<(byte Type, byte[] Value)> Items(ReadOnlySpan<byte> bytes)
    {
        List<(byte Type, byte[] Value)> items = [];
        while (!bytes.IsEmpty)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
            if (items.Count == MaxItems)
            {
                throw new PduException(AbortReason.InvalidParameterValue, $"An item of a PDU has more than {MaxItems} items of its own.");
            }

            items.Add((bytes[0], bytes.Slice(4, length).ToArray()));
            bytes = bytes[(4 + length)..];
        }

        return items;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes).Trim(' ', '\0');
}
