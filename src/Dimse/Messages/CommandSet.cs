using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Messages;

/// <summary>Reads and writes command sets, always in Implicit VR Little Endian (PS3.7 section 6.3.1).</summary>
public static class CommandSet
{
    /// <summary>The longest command set that is accepted.</summary>
    public const int MaxLength = 64 << 10;

    private const ushort NoDataSet = 0x0101;
    private const ushort Affected = 0x0002;
    private const ushort Requested = 0x0003;
    private const ushort AffectedInstance = 0x1000;
    private const ushort RequestedInstance = 0x1001;

    /// <summary>Reads a command set.</summary>
    /// <returns>The command, and whether a data set follows: Command Data Set Type (0000,0800).</returns>
    /// <exception cref="PduException">It cannot be read, or lacks an element that its command needs.</exception>
    public static (DimseCommand Command, bool HasDataSet) Read(ReadOnlySpan<byte> bytes)
    {
        CommandElements elements = CommandElements.Read(bytes);
        CommandField field = (CommandField)elements.RequiredNumber(0x0100);
        bool hasDataSet = elements.RequiredNumber(0x0800) != NoDataSet;
        DimseCommand command = field == CommandField.CCancelRequest ? new CCancelRequest(elements.RequiredNumber(0x0120))
            : field.IsResponse() ? ReadResponse(field, elements)
            : ReadRequest(field, elements);
        return (command, hasDataSet);
    }

    /// <summary>Writes a command set.</summary>
    public static void Write(IBufferWriter<byte> target, DimseCommand command, bool hasDataSet)
    {
        CommandElements elements = new();
        elements.Set(0x0100, (ushort)command.Field);
        elements.Set(0x0800, hasDataSet ? (ushort)0 : NoDataSet);
        switch (command)
        {
            case DimseRequest request:
                WriteRequest(elements, request);
                break;
            case DimseResponse response:
                WriteResponse(elements, response);
                break;
            case CCancelRequest cancel:
                elements.Set(0x0120, cancel.RespondsTo);
                break;
        }

        elements.Write(target);
    }

    private static DimseRequest ReadRequest(CommandField field, CommandElements elements)
    {
        ushort id = elements.RequiredNumber(0x0110);
        bool hasRequested = HasRequested(field);
        string sopClass = elements.Text(hasRequested ? Requested : Affected) ?? elements.Text(hasRequested ? Affected : Requested) ?? "";
        string instance = elements.Text(hasRequested ? RequestedInstance : AffectedInstance)
            ?? elements.Text(hasRequested ? AffectedInstance : RequestedInstance) ?? "";
        DimsePriority priority = (DimsePriority)(elements.Number(0x0700) ?? 0);
        return field switch
        {
            CommandField.CEchoRequest => new CEchoRequest { MessageId = id, SopClassUid = sopClass },
            CommandField.CStoreRequest => new CStoreRequest
            {
                MessageId = id,
                SopClassUid = sopClass,
                SopInstanceUid = instance,
                Priority = priority,
                MoveOriginatorAeTitle = elements.Text(0x1030),
                MoveOriginatorMessageId = elements.Number(0x1031),
            },
            CommandField.CFindRequest => new CFindRequest { MessageId = id, SopClassUid = sopClass, Priority = priority },
            CommandField.CGetRequest => new CGetRequest { MessageId = id, SopClassUid = sopClass, Priority = priority },
            CommandField.CMoveRequest => new CMoveRequest
            {
                MessageId = id,
                SopClassUid = sopClass,
                Priority = priority,
                MoveDestination = elements.Text(0x0600) ?? ""
            },
            CommandField.NActionRequest => new NActionRequest
            {
                MessageId = id,
                SopClassUid = sopClass,
                SopInstanceUid = instance,
                ActionTypeId = elements.RequiredNumber(0x1008)
            },
            CommandField.NEventReportRequest => new NEventReportRequest
            {
                MessageId = id,
                SopClassUid = sopClass,
                SopInstanceUid = instance,
                EventTypeId = elements.RequiredNumber(0x1002)
            },
            _ => new OtherRequest(field) { MessageId = id, SopClassUid = sopClass },
        };
    }

    private static DimseResponse ReadResponse(CommandField field, CommandElements elements)
    {
        DimseStatus status = new(elements.RequiredNumber(0x0900));
        string? instance = elements.Text(AffectedInstance);
        DimseResponse response = field switch
        {
            CommandField.CEchoResponse => new CEchoResponse { Status = status },
            CommandField.CStoreResponse => new CStoreResponse { Status = status, SopInstanceUid = instance },
            CommandField.CFindResponse => new CFindResponse { Status = status },
            CommandField.CGetResponse => new CGetResponse { Status = status, SubOperations = ReadCounts(elements) },
            CommandField.CMoveResponse => new CMoveResponse { Status = status, SubOperations = ReadCounts(elements) },
            CommandField.NActionResponse =>
                new NActionResponse { Status = status, SopInstanceUid = instance, ActionTypeId = elements.Number(0x1008) },
            CommandField.NEventReportResponse =>
                new NEventReportResponse { Status = status, SopInstanceUid = instance, EventTypeId = elements.Number(0x1002) },
            _ => new OtherResponse(field) { Status = status },
        };
        return response with
        {
            RespondsTo = elements.RequiredNumber(0x0120),
            SopClassUid = elements.Text(Affected),
            ErrorComment = elements.Text(0x0902)
        };
    }

    /// <summary>Returns whether the request names the requested class and instance, not the affected ones (PS3.7 section 10.3).</summary>
    /// <remarks>These are the requests about an existing instance.</remarks>
    private static bool HasRequested(CommandField field)
        => field is CommandField.NGetRequest or CommandField.NSetRequest or CommandField.NActionRequest or CommandField.NDeleteRequest;

    private static SubOperations? ReadCounts(CommandElements elements)
        => elements.Number(0x1020) is null
            && elements.Number(0x1021) is null
            && elements.Number(0x1022) is null
            && elements.Number(0x1023) is null
            ? null
            : new SubOperations(
                elements.Number(0x1020), elements.Number(0x1021) ?? 0, elements.Number(0x1022) ?? 0, elements.Number(0x1023) ?? 0);

    private static void WriteRequest(CommandElements elements, DimseRequest request)
    {
        elements.Set(0x0110, request.MessageId);
        elements.Set(HasRequested(request.Field) ? Requested : Affected, request.SopClassUid);
        switch (request)
        {
            case CStoreRequest store:
                elements.Set(0x0700, (ushort)store.Priority);
                elements.Set(AffectedInstance, store.SopInstanceUid);
                elements.Set(0x1030, store.MoveOriginatorAeTitle, ' ');
                elements.Set(0x1031, store.MoveOriginatorMessageId);
                break;
            case CFindRequest find:
                elements.Set(0x0700, (ushort)find.Priority);
                break;
            case CGetRequest get:
                elements.Set(0x0700, (ushort)get.Priority);
                break;
            case CMoveRequest move:
                elements.Set(0x0700, (ushort)move.Priority);
                elements.Set(0x0600, move.MoveDestination, ' ');
                break;
            case NActionRequest action:
                elements.Set(RequestedInstance, action.SopInstanceUid);
                elements.Set(0x1008, action.ActionTypeId);
                break;
            case NEventReportRequest report:
                elements.Set(AffectedInstance, report.SopInstanceUid);
                elements.Set(0x1002, report.EventTypeId);
                break;
        }
    }

    private static void WriteResponse(CommandElements elements, DimseResponse response)
    {
        elements.Set(0x0120, response.RespondsTo);
        elements.Set(0x0900, response.Status.Code);
        elements.Set(Affected, response.SopClassUid);
        elements.Set(0x0902, response.ErrorComment, ' ');
        switch (response)
        {
            case CStoreResponse store:
                elements.Set(AffectedInstance, store.SopInstanceUid);
                break;
            case CGetResponse get:
                WriteCounts(elements, get.SubOperations);
                break;
            case CMoveResponse move:
                WriteCounts(elements, move.SubOperations);
                break;
            case NActionResponse action:
                elements.Set(AffectedInstance, action.SopInstanceUid);
                elements.Set(0x1008, action.ActionTypeId);
                break;
            case NEventReportResponse report:
                elements.Set(AffectedInstance, report.SopInstanceUid);
                elements.Set(0x1002, report.EventTypeId);
                break;
        }
    }

    private static void WriteCounts(CommandElements elements, SubOperations? counts)
    {
        elements.Set(0x1020, counts?.Remaining);
        elements.Set(0x1021, counts?.Completed);
        elements.Set(0x1022, counts?.Failed);
        elements.Set(0x1023, counts?.Warning);
    }
}

/// <summary>The elements of a command set by their number in group 0000, in Implicit VR Little Endian.</summary>
internal sealed class CommandElements
{
    private const int HeaderSize = 8;

    private readonly SortedDictionary<ushort, byte[]> _values = [];

    /// <exception cref="PduException">It is not a command set.</exception>
    public static CommandElements Read(ReadOnlySpan<byte> bytes)
    {
        CommandElements elements = new();
        while (bytes.Length >= HeaderSize)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            if (BinaryPrimitives.ReadUInt16LittleEndian(bytes) != 0 || length > bytes.Length - HeaderSize)
            {
                break;
            }

            elements._values[BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..])] = bytes.Slice(HeaderSize, (int)length).ToArray();
            bytes = bytes[(HeaderSize + (int)length)..];
        }

        return bytes.IsEmpty ? elements : throw new PduException(
            AbortReason.InvalidParameterValue,
            "A command set ends in the middle of an element, or has elements of another group than 0000.");
    }

    public void Write(IBufferWriter<byte> target)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, _values.Values.Sum(value => value.Length + HeaderSize));
        Write(target, 0, length);
        foreach ((ushort element, byte[] value) in _values)
        {
            Write(target, element, value);
        }
    }

    /// <summary>Returns a number; null if there is none.</summary>
    public ushort? Number(ushort element)
        => _values.TryGetValue(element, out byte[]? value) && value.Length >= 2 ? BinaryPrimitives.ReadUInt16LittleEndian(value) : null;

    /// <exception cref="PduException">There is none.</exception>
    public ushort RequiredNumber(ushort element)
        => Number(element) ?? throw new PduException(AbortReason.InvalidParameterValue, $"A command set lacks (0000,{element:X4}).");

    /// <summary>Returns a text; null if there is none.</summary>
    public string? Text(ushort element)
        => _values.TryGetValue(element, out byte[]? value) ? Encoding.ASCII.GetString(value).Trim(' ', '\0') : null;

    /// <summary>Sets an element, or leaves it out if there is no value.</summary>
    public void Set(ushort element, ushort? value)
    {
        if (value is { } number)
        {
            _values[element] = [(byte)number, (byte)(number >> 8)];
        }
    }

    /// <summary>Sets an element, or leaves it out if there is no value.</summary>
    /// <param name="element">Its number.</param>
    /// <param name="value">ASCII.</param>
    /// <param name="pad">Makes the length even: NUL for UIDs, a space for other text.</param>
    public void Set(ushort element, string? value, char pad = '\0')
    {
        if (value is not null)
        {
            _values[element] = Encoding.ASCII.GetBytes(value.Length % 2 == 0 ? value : value + pad);
        }
    }

    private static void Write(IBufferWriter<byte> target, ushort element, ReadOnlySpan<byte> value)
    {
        Span<byte> span = target.GetSpan(HeaderSize + value.Length);
        span[..HeaderSize].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(span[2..], element);
        BinaryPrimitives.WriteInt32LittleEndian(span[4..], value.Length);
        value.CopyTo(span[HeaderSize..]);
        target.Advance(HeaderSize + value.Length);
    }
}
