using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ImagingIngestion.Dimse;

/// <summary>Reads and writes command sets, always in Implicit VR Little Endian (PS3.7 section 6.3.1).</summary>
public static class CommandSet
{
    /// <summary>The longest command set that is taken.</summary>
    public const int MaxLength = 64 << 10;

    /// <summary>Reads a command set.</summary>
    /// <returns>And whether a data set follows: Command Data Set Type (0000,0800).</returns>
    /// <exception cref="PduException">It cannot be read, or lacks what its command needs.</exception>
    public static (DimseCommand Command, bool HasDataSet) Read(ReadOnlySpan<byte> bytes)
    {
        Dictionary<ushort, byte[]> elements = [];
        while (bytes.Length >= 8)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            if (length > bytes.Length - 8)
            {
                break;
            }

            elements[BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..])] = bytes.Slice(8, (int)length).ToArray();
            bytes = bytes[(8 + (int)length)..];
        }

        ushort? Number(ushort element) => elements.TryGetValue(element, out byte[]? value) && value.Length >= 2 ? BinaryPrimitives.ReadUInt16LittleEndian(value) : null;
        string? Text(ushort element) => elements.TryGetValue(element, out byte[]? value) ? Encoding.ASCII.GetString(value).Trim(' ', '\0') : null;
        if (!bytes.IsEmpty || Number(0x0100) is not { } field)
        {
            throw new PduException(AbortReason.InvalidParameterValue, "A command set cannot be read.");
        }

        ushort id = Number(0x0110) ?? 0;
        ushort to = Number(0x0120) ?? 0;
        string sopClass = Text(0x0002) ?? Text(0x0003) ?? "";
        string instance = Text(0x1000) ?? Text(0x1001) ?? "";
        DimseStatus status = new(Number(0x0900) ?? 0);
        string? comment = Text(0x0902);
        DimsePriority priority = (DimsePriority)(Number(0x0700) ?? 0);
        SubOperations? sub = Number(0x1020) is null && Number(0x1021) is null && Number(0x1022) is null && Number(0x1023) is null
            ? null
            : new SubOperations(Number(0x1020), Number(0x1021) ?? 0, Number(0x1022) ?? 0, Number(0x1023) ?? 0);
        DimseCommand command = (CommandField)field switch
        {
            CommandField.CStoreRequest => new CStoreRequest { Priority = priority, MessageId = id, SopClassUid = sopClass, SopInstanceUid = instance, MoveOriginatorAeTitle = Text(0x1030), MoveOriginatorMessageId = Number(0x1031) },
            CommandField.CGetRequest => new CGetRequest { Priority = priority, MessageId = id, SopClassUid = sopClass },
            CommandField.CFindRequest => new CFindRequest { Priority = priority, MessageId = id, SopClassUid = sopClass },
            CommandField.CMoveRequest => new CMoveRequest { Priority = priority, MessageId = id, SopClassUid = sopClass, MoveDestination = Text(0x0600) ?? "" },
            CommandField.CEchoRequest => new CEchoRequest { MessageId = id, SopClassUid = sopClass },
            CommandField.NActionRequest => new NActionRequest { MessageId = id, SopClassUid = sopClass, SopInstanceUid = instance, ActionTypeId = Number(0x1008) ?? 0 },
            CommandField.NEventReportRequest => new NEventReportRequest { MessageId = id, SopClassUid = sopClass, SopInstanceUid = instance, EventTypeId = Number(0x1002) ?? 0 },
            CommandField.CCancelRequest => new CCancelRequest(to),
            CommandField.CStoreResponse => new CStoreResponse { RespondsTo = to, SopClassUid = sopClass, Status = status, ErrorComment = comment, SopInstanceUid = instance },
            CommandField.CGetResponse => new CGetResponse { RespondsTo = to, SopClassUid = sopClass, Status = status, ErrorComment = comment, SubOperations = sub },
            CommandField.CFindResponse => new CFindResponse { RespondsTo = to, SopClassUid = sopClass, Status = status, ErrorComment = comment },
            CommandField.CMoveResponse => new CMoveResponse { RespondsTo = to, SopClassUid = sopClass, Status = status, ErrorComment = comment, SubOperations = sub },
            CommandField.CEchoResponse => new CEchoResponse { RespondsTo = to, SopClassUid = sopClass, Status = status, ErrorComment = comment },
            CommandField.NActionResponse => new NActionResponse { RespondsTo = to, SopClassUid = sopClass, Status = status, ErrorComment = comment, SopInstanceUid = instance, ActionTypeId = Number(0x1008) },
            CommandField.NEventReportResponse => new NEventReportResponse { RespondsTo = to, SopClassUid = sopClass, Status = status, ErrorComment = comment, SopInstanceUid = instance, EventTypeId = Number(0x1002) },
            _ when field >= 0x8000 => new OtherResponse((CommandField)field) { RespondsTo = to, SopClassUid = sopClass, Status = status, ErrorComment = comment },
            _ => new OtherRequest((CommandField)field) { MessageId = id, SopClassUid = sopClass },
        };
        return (command, (Number(0x0800) ?? 0x0101) != 0x0101);
    }

    /// <summary>Writes a command set.</summary>
    public static void Write(IBufferWriter<byte> target, DimseCommand command, bool hasDataSet)
    {
        SortedDictionary<ushort, byte[]> elements = new() { [0x0100] = Number((ushort)command.Field), [0x0800] = Number((ushort)(hasDataSet ? 0 : 0x0101)) };
        void Text(ushort element, string? text)
        {
            if (text is not null)
            {
                elements[element] = Encoding.ASCII.GetBytes(text.Length % 2 == 0 ? text : text + "\0");
            }
        }

        void Value(ushort element, ushort? value)
        {
            if (value is { } number)
            {
                elements[element] = Number(number);
            }
        }

        if (command is DimseRequest request)
        {
            Value(0x0110, request.MessageId);
            Text(request is NActionRequest ? (ushort)0x0003 : (ushort)0x0002, request.SopClassUid);
        }

        if (command is DimseResponse response)
        {
            Value(0x0120, response.RespondsTo);
            Value(0x0900, response.Status.Code);
            Text(0x0002, response.SopClassUid);
            Text(0x0902, response.ErrorComment);
        }

        switch (command)
        {
            case CCancelRequest cancel:
                Value(0x0120, cancel.RespondsTo);
                break;
            case CStoreRequest store:
                Value(0x0700, (ushort)store.Priority);
                Text(0x1000, store.SopInstanceUid);
                Text(0x1030, store.MoveOriginatorAeTitle);
                Value(0x1031, store.MoveOriginatorMessageId);
                break;
            case CStoreResponse store:
                Text(0x1000, store.SopInstanceUid);
                break;
            case CFindRequest find:
                Value(0x0700, (ushort)find.Priority);
                break;
            case CGetRequest get:
                Value(0x0700, (ushort)get.Priority);
                break;
            case CMoveRequest move:
                Value(0x0700, (ushort)move.Priority);
                Text(0x0600, move.MoveDestination);
                break;
            case NActionRequest action:
                Text(0x1001, action.SopInstanceUid);
                Value(0x1008, action.ActionTypeId);
                break;
            case NActionResponse action:
                Text(0x1000, action.SopInstanceUid);
                Value(0x1008, action.ActionTypeId);
                break;
            case NEventReportRequest report:
                Text(0x1000, report.SopInstanceUid);
                Value(0x1002, report.EventTypeId);
                break;
            case NEventReportResponse report:
                Text(0x1000, report.SopInstanceUid);
                Value(0x1002, report.EventTypeId);
                break;
        }

        if (((command as CGetResponse)?.SubOperations ?? (command as CMoveResponse)?.SubOperations) is { } sub)
        {
            Value(0x1020, sub.Remaining);
            Value(0x1021, sub.Completed);
            Value(0x1022, sub.Failed);
            Value(0x1023, sub.Warning);
        }

        Element(target, 0, BitConverter.GetBytes(elements.Values.Sum(value => value.Length + 8)));
        foreach ((ushort element, byte[] value) in elements)
        {
            Element(target, element, value);
        }
    }

    private static void Element(IBufferWriter<byte> target, ushort element, byte[] value)
    {
        Span<byte> span = target.GetSpan(8 + value.Length);
        span[..8].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(span[2..], element);
        BinaryPrimitives.WriteInt32LittleEndian(span[4..], value.Length);
        value.CopyTo(span[8..]);
        target.Advance(8 + value.Length);
    }

    private static byte[] Number(ushort value) => [(byte)value, (byte)(value >> 8)];
}
