using System.Buffers.Binary;
using System.Text;

namespace ImagingIngestion.Dimse.Tests.Peers;

/// <summary>Composes PDUs and command sets byte by byte, so that scripted peers can also send invalid ones.</summary>
internal static class RawPdu
{
    public const string Verification = "1.2.840.10008.1.1";
    public const string CtStorage = "1.2.840.10008.5.1.4.1.1.2";
    public const string StudyRootFind = "1.2.840.10008.5.1.4.1.2.2.1";
    public const string ImplicitLittle = "1.2.840.10008.1.2";
    public const string ExplicitLittle = "1.2.840.10008.1.2.1";
    public const int NoDataSet = 0x0101;
    public const int WithDataSet = 0x0000;

    public static byte[] ReleaseRequest => Pdu(5, new byte[4]);

    public static byte[] ReleaseResponse => Pdu(6, new byte[4]);

    public static byte[] Abort => Pdu(7, new byte[4]);

    /// <summary>Proposes Verification as context 1, CT storage as 3 and the study root query as 5.</summary>
    public static byte[] AssociateRequest(
        string called = "TEST-SCP",
        string calling = "TEST-SCU",
        uint maximumLength = 16384,
        (ushort Invoked, ushort Performed)? window = null,
        byte version = 1,
        string applicationContext = "1.2.840.10008.3.1.1.1")
    {
        List<byte> body =
        [
            0,
            version,
            0,
            0,
            .. Title(called),
            .. Title(calling),
            .. new byte[32],
            .. Item(0x10, Encoding.ASCII.GetBytes(applicationContext))
        ];
        foreach ((byte id, string syntax) in new[] { ((byte)1, Verification), ((byte)3, CtStorage), ((byte)5, StudyRootFind) })
        {
            body.AddRange(Item(
                0x20,
                [id, 0, 0, 0, .. Item(0x30, Encoding.ASCII.GetBytes(syntax)), .. Item(0x40, Encoding.ASCII.GetBytes(ImplicitLittle))]));
        }

        byte[] length = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(length, maximumLength);
        List<byte> user = [.. Item(0x51, length), .. Item(0x52, "1.2.3.4"u8.ToArray())];
        if (window is { } both)
        {
            user.AddRange(Item(0x53, [(byte)(both.Invoked >> 8), (byte)both.Invoked, (byte)(both.Performed >> 8), (byte)both.Performed]));
        }

        body.AddRange(Item(0x50, [.. user]));
        return Pdu(1, [.. body]);
    }

    /// <summary>Accepts contexts of <see cref="AssociateRequest"/>, whatever the request proposed.</summary>
    public static byte[] AssociateAccept(params byte[] contexts) => AssociateAccept(0x4000, contexts);

    public static byte[] AssociateAccept(ushort maximumLength, byte[] contexts)
    {
        List<byte> body =
            [0, 1, 0, 0, .. Title("TEST-SCP"), .. Title("TEST-SCU"), .. new byte[32], .. Item(0x10, "1.2.840.10008.3.1.1.1"u8.ToArray())];
        foreach (byte id in contexts)
        {
            body.AddRange(Item(0x21, [id, 0, 0, 0, .. Item(0x40, Encoding.ASCII.GetBytes(ImplicitLittle))]));
        }

        body.AddRange(
            Item(0x50, [.. Item(0x51, [0, 0, (byte)(maximumLength >> 8), (byte)maximumLength]), .. Item(0x52, "1.2.3.4"u8.ToArray())]));
        return Pdu(2, [.. body]);
    }

    public static byte[] Pdu(byte type, byte[] body)
    {
        byte[] pdu = new byte[6 + body.Length];
        pdu[0] = type;
        BinaryPrimitives.WriteUInt32BigEndian(pdu.AsSpan(2), (uint)body.Length);
        body.CopyTo(pdu, 6);
        return pdu;
    }

    public static byte[] Value(byte context, bool isCommand, bool isLast, byte[] bytes)
    {
        byte[] value = new byte[6 + bytes.Length];
        BinaryPrimitives.WriteUInt32BigEndian(value, (uint)(bytes.Length + 2));
        value[4] = context;
        value[5] = (byte)((isCommand ? 1 : 0) | (isLast ? 2 : 0));
        bytes.CopyTo(value, 6);
        return value;
    }

    public static byte[] Data(byte context, bool isCommand, bool isLast, byte[] bytes) => Pdu(4, Value(context, isCommand, isLast, bytes));

    public static byte[] Echo(ushort messageId, byte context = 1)
        => Data(context, true, true, Command(Verification, 0x0030, messageId, NoDataSet));

    public static byte[] StoreCommand(ushort messageId)
        => Command(CtStorage, 0x0001, messageId, WithDataSet, ((ushort)0x1000, Text("1.2.3.4.5")), ((ushort)0x0700, [0, 0]));

    /// <summary>Composes a C-STORE request of two PDUs: the command and the data set.</summary>
    public static byte[] Store(ushort messageId, byte[] dataSet)
        => [.. Data(3, true, true, StoreCommand(messageId)), .. Data(3, false, true, dataSet)];

    public static byte[] Find(ushort messageId) => [
        .. Data(5, true, true, Command(StudyRootFind, 0x0020, messageId, WithDataSet, ((ushort)0x0700, [0, 0]))),
        .. Data(5, false, true, [8, 0, 0x52, 0, 6, 0, 0, 0, .. "STUDY "u8])
    ];

    public static byte[] Cancel(ushort messageId)
        => Data(5, true, true, Elements((0x0100, Number(0x0FFF)), (0x0120, Number(messageId)), (0x0800, Number(NoDataSet))));

    public static byte[] Command(
        string sopClass, ushort field, ushort messageId, ushort dataSetType, params (ushort Element, byte[] Value)[] more)
        => Elements(
            [(0x0002, Text(sopClass)), (0x0100, Number(field)), (0x0110, Number(messageId)), .. more, (0x0800, Number(dataSetType))]);

    public static byte[] Response(string sopClass, ushort field, ushort messageId, ushort status, bool hasDataSet = false)
        => Elements(
            (0x0002, Text(sopClass)),
            (0x0100, Number(field)),
            (0x0120, Number(messageId)),
            (0x0800, Number(hasDataSet ? WithDataSet : NoDataSet)),
            (0x0900, Number(status)));

    /// <summary>Reads a number from a command set; -1 when it has no such element.</summary>
    public static int Read(ReadOnlySpan<byte> command, ushort element)
    {
        while (command.Length >= 8)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(command[4..]);
            if (BinaryPrimitives.ReadUInt16LittleEndian(command[2..]) == element)
            {
                return BinaryPrimitives.ReadUInt16LittleEndian(command[8..]);
            }

            command = command[(8 + length)..];
        }

        return -1;
    }

    private static byte[] Elements(params (ushort Element, byte[] Value)[] elements)
    {
        List<byte> all = [];
        foreach ((ushort element, byte[] value) in elements.OrderBy(one => one.Element))
        {
            all.AddRange([0, 0, (byte)element, (byte)(element >> 8), (byte)value.Length, (byte)(value.Length >> 8), 0, 0, .. value]);
        }

        return [0, 0, 0, 0, 4, 0, 0, 0, (byte)all.Count, (byte)(all.Count >> 8), 0, 0, .. all];
    }

    private static byte[] Number(int value) => [(byte)value, (byte)(value >> 8)];

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text.Length % 2 == 0 ? text : text + "\0");

    private static byte[] Title(string title) => Encoding.ASCII.GetBytes(title.PadRight(16));

    private static byte[] Item(byte type, byte[] value) => [type, 0, (byte)(value.Length >> 8), (byte)value.Length, .. value];
}
