using System.Buffers;

namespace ImagingIngestion.Dimse.Pdus;

/// <summary>Reads PDUs that are completely in memory (PS3.8 section 9.3).</summary>
public static class PduReader
{
    /// <summary>The longest association PDU that is accepted, without its header.</summary>
    /// <remarks>128 contexts with many transfer syntaxes need far less.</remarks>
    public const int MaxLength = 1 << 20;

    /// <summary>The maximum of transfer syntaxes in a proposed context, which is otherwise refused; the standard has some fifty.</summary>
    public const int MaxTransferSyntaxes = 256;

    private const int AeTitleSize = 16;
    private const int ReservedSize = 32;

    /// <param name="type">The first byte of the header.</param>
    /// <param name="body">
    /// The bytes after the header of six bytes, of the length that it announces and at most <see cref="MaxLength"/>.
    /// </param>
    /// <exception cref="PduException">It cannot be read.</exception>
    public static Pdu Read(PduType type, ReadOnlySequence<byte> body)
    {
        if (body.Length > MaxLength)
        {
            throw Invalid($"A PDU {type} of {body.Length} bytes is longer than {MaxLength}.");
        }

        ReadOnlySpan<byte> rest = body.IsSingleSegment ? body.FirstSpan : body.ToArray();
        return type switch
        {
            PduType.AssociateRequest => ReadRequest(rest),
            PduType.AssociateAccept => ReadAccept(rest),
            PduType.AssociateReject => ReadReject(rest),
            PduType.ReleaseRequest => ReadRelease(rest, new ReleaseRequestPdu()),
            PduType.ReleaseResponse => ReadRelease(rest, new ReleaseResponsePdu()),
            PduType.Abort => ReadAbort(rest),
            _ => throw new PduException(AbortReason.UnrecognizedPdu, $"A PDU of type {(byte)type:X2}H is not read here."),
        };
    }

    private static AssociateRequestPdu ReadRequest(ReadOnlySpan<byte> rest)
    {
        Fields<ProposedContext> fields = ReadFields<ProposedContext>(rest, PduItemType.ProposedContext, AddProposed);
        return new AssociateRequestPdu
        {
            ProtocolVersion = fields.Version,
            CalledAeTitle = fields.Called,
            CallingAeTitle = fields.Calling,
            ApplicationContext = fields.ApplicationContext,
            PresentationContexts = fields.Contexts,
            UserInformation = fields.User,
        };
    }

    private static AssociateAcceptPdu ReadAccept(ReadOnlySpan<byte> rest)
    {
        Fields<ContextResult> fields = ReadFields<ContextResult>(rest, PduItemType.ContextResult, AddResult);
        return new AssociateAcceptPdu
        {
            ProtocolVersion = fields.Version,
            CalledAeTitle = fields.Called,
            CallingAeTitle = fields.Calling,
            ApplicationContext = fields.ApplicationContext,
            PresentationContexts = fields.Contexts,
            UserInformation = fields.User,
        };
    }

    /// <summary>Reads the fields of a request or accept, which differ only in their presentation context items.</summary>
    private static Fields<T> ReadFields<T>(ReadOnlySpan<byte> rest, PduItemType contextType, ContextReader<T> addContext)
    {
        ushort version = PduField.TakeNumber(ref rest);
        (string called, string calling) = TakeTitles(ref rest);
        string? applicationContext = null;
        UserInformation? user = null;
        List<T> contexts = [];
        ContextIds ids = default;
        PduItems items = new(rest);
        while (items.Read())
        {
            if (items.Type == contextType)
            {
                addContext(contexts, items.Value, ref ids);
            }
            else if (items.Type == PduItemType.ApplicationContext)
            {
                applicationContext ??= PduField.Text(items.Value);
            }
            else if (items.Type == PduItemType.UserInformation)
            {
                user ??= UserInformationReader.Read(items.Value);
            }
        }

        return new Fields<T>(version, called, calling, applicationContext ?? "", contexts, user ?? throw NoUserInformation());
    }

    /// <summary>Takes the part before the items and after the version: two reserved bytes, both titles and more reserved bytes.</summary>
    private static (string Called, string Calling) TakeTitles(ref ReadOnlySpan<byte> rest)
    {
        PduField.Take(ref rest, 2);
        string called = PduField.Text(PduField.Take(ref rest, AeTitleSize));
        string calling = PduField.Text(PduField.Take(ref rest, AeTitleSize));
        PduField.Take(ref rest, ReservedSize);
        return (called, calling);
    }

    /// <summary>Adds a proposed context.</summary>
    /// <remarks>
    /// A bad proposal costs the peer only that context, not the association: it becomes a proposal without syntaxes, which is always
    /// rejected. A context ID that is used twice identifies neither proposal. A proposal without an ID cannot be answered.
    /// </remarks>
    private static void AddProposed(List<ProposedContext> contexts, ReadOnlySpan<byte> rest, ref ContextIds ids)
    {
        if (rest.IsEmpty)
        {
            return;
        }

        byte id = rest[0];
        if (ids.TryAdd(id))
        {
            contexts.Add(ReadProposed(id, rest));
        }
        else
        {
            contexts.RemoveAll(context => context.Id == id);
            contexts.Add(new ProposedContext(id, "", []));
        }
    }

    private static ProposedContext ReadProposed(byte id, ReadOnlySpan<byte> rest)
    {
        string? abstractSyntax = null;
        List<string> transferSyntaxes = [];
        try
        {
            PduField.Take(ref rest, 4);
            PduItems items = new(rest);
            while (items.Read())
            {
                if (items.Type == PduItemType.AbstractSyntax)
                {
                    abstractSyntax ??= PduField.Text(items.Value);
                }
                else if (items.Type == PduItemType.TransferSyntax)
                {
                    transferSyntaxes.Add(PduField.Text(items.Value));
                }
            }
        }
        catch (PduException)
        {
            return new ProposedContext(id, "", []);
        }

        return new ProposedContext(id, abstractSyntax ?? "", transferSyntaxes.Count <= MaxTransferSyntaxes ? transferSyntaxes : []);
    }

    /// <summary>Adds the result for a context; one that was not accepted has a meaningless transfer syntax, or none.</summary>
    private static void AddResult(List<ContextResult> contexts, ReadOnlySpan<byte> rest, ref ContextIds ids)
    {
        ReadOnlySpan<byte> head = PduField.Take(ref rest, 4);
        byte id = ids.TryAdd(head[0]) ? head[0] : throw Invalid($"Presentation context ID {head[0]} is even or used twice.");
        string? transferSyntax = null;
        PduItems items = new(rest);
        while (items.Read())
        {
            if (items.Type == PduItemType.TransferSyntax)
            {
                transferSyntax ??= PduField.Text(items.Value);
            }
        }

        contexts.Add(new ContextResult(id, (ContextResultReason)head[2], transferSyntax ?? ""));
    }

    private static AssociateRejectPdu ReadReject(ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> fields = PduField.Take(ref rest, 4);
        return new AssociateRejectPdu(fields[1], fields[2], fields[3]);
    }

    private static Pdu ReadRelease(ReadOnlySpan<byte> rest, Pdu pdu)
    {
        PduField.Take(ref rest, 4);
        return pdu;
    }

    private static AbortPdu ReadAbort(ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> fields = PduField.Take(ref rest, 4);
        return new AbortPdu(fields[2], (AbortReason)fields[3]);
    }

    private static PduException NoUserInformation() => Invalid("The user information item is missing.");

    private static PduException Invalid(string message) => new(AbortReason.InvalidParameterValue, message);

    private delegate void ContextReader<T>(List<T> contexts, ReadOnlySpan<byte> item, ref ContextIds ids);

    private sealed record Fields<T>(
        ushort Version, string Called, string Calling, string ApplicationContext, List<T> Contexts, UserInformation User);
}

/// <summary>
/// The presentation context IDs of one PDU: odd, and each used once (PS3.8 section 9.3.2.2), so there are never more than 128.
/// </summary>
internal struct ContextIds
{
    private UInt128 _used;

    /// <summary>Adds an ID; returns false if it is even or was used before.</summary>
    public bool TryAdd(byte id)
    {
        UInt128 bit = UInt128.One << (id >> 1);
        bool isNew = id % 2 == 1 && (_used & bit) == 0;
        _used |= isNew ? bit : 0;
        return isNew;
    }
}
