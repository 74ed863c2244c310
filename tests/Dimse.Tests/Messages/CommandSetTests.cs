using System.Buffers.Binary;
using System.Text;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Tests.Messages;

/// <summary>Command sets follow PS3.7 section 6.3 and annex E.</summary>
public sealed class CommandSetTests
{
    [Fact]
    public void Every_command_is_written_with_its_elements_in_order()
        => Assert.All(
            TestCommands.All,
            one => Assert.Equal(Convert.ToHexString(one.Bytes), Convert.ToHexString(TestCommands.Write(one.Command, one.HasDataSet))));

    [Fact]
    public void Every_command_is_read_as_it_was_written()
        => Assert.All(TestCommands.All, one => Assert.Equal((one.Command, one.HasDataSet), CommandSet.Read(one.Bytes)));

    [Fact]
    public void Every_command_field_of_the_standard_can_be_written_and_read()
        => Assert.All(Enum.GetValues<CommandField>(), field =>
        {
            bool isResponse = (ushort)field >= 0x8000;
            byte[] bytes = Elements(
                Text(0x0002, "1.2.3"),
                Number(0x0100, (ushort)field),
                Number(isResponse || field == CommandField.CCancelRequest ? (ushort)0x0120 : (ushort)0x0110, 77),
                Number(0x0800, 0x0101),
                Number(0x0900, 0x0110), Text(0x1000, "1.2.3.4"), Number(0x1002, 1), Number(0x1008, 1));

            (DimseCommand command, _) = CommandSet.Read(bytes);

            Assert.Equal(field, command.Field);
            Assert.Equal(command, CommandSet.Read(TestCommands.Write(command, hasDataSet: false)).Command);
        });

    [Theory]
    [InlineData(0x0000, true)]
    [InlineData(0x0001, true)]
    [InlineData(0x0102, true)]
    [InlineData(0xFFFF, true)]
    [InlineData(0x0101, false)]
    public void Only_0101_says_that_no_data_set_follows(int type, bool hasDataSet)
        => Assert.Equal(hasDataSet, CommandSet.Read(Echo(Number(0x0800, (ushort)type))).HasDataSet);

    [Fact]
    public void A_group_length_may_be_missing_or_lie()
    {
        byte[] bytes = Echo(Number(0x0800, 0x0101));
        DimseCommand expected = CommandSet.Read(bytes).Command;

        Assert.Equal(expected, CommandSet.Read(bytes[12..]).Command);
        foreach (uint length in new uint[] { 0, 1, 9999, uint.MaxValue })
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), length);
            Assert.Equal(expected, CommandSet.Read(bytes).Command);
        }
    }

    [Fact]
    public void Elements_that_are_not_known_are_skipped_and_order_does_not_matter()
    {
        byte[] bytes = Elements(
            Number(0x0800, 0x0101),
            Text(0x0903, "anything"),
            Number(0x0110, 5),
            Text(0x5110, ""),
            Number(0x0100, 0x0030),
            Text(0x0002, "1.2.3"));

        Assert.Equal(new CEchoRequest { MessageId = 5, SopClassUid = "1.2.3" }, CommandSet.Read(bytes).Command);
    }

    [Theory]
    [InlineData("1.2.3")]
    [InlineData("1.2.3 ")]
    [InlineData("1.2.3\0")]
    [InlineData("1.2.3\0\0\0")]
    public void Uids_may_be_padded_with_spaces_or_nuls_or_be_odd(string uid)
    {
        byte[] bytes = Elements(
            Text(0x0002, uid), Number(0x0100, 0x0001), Number(0x0110, 5), Number(0x0800, 0), Text(0x1000, uid), Text(0x1030, "MOVER "));

        CStoreRequest read = Assert.IsType<CStoreRequest>(CommandSet.Read(bytes).Command);
        Assert.Equal(("1.2.3", "1.2.3", "MOVER"), (read.SopClassUid, read.SopInstanceUid, read.MoveOriginatorAeTitle));
    }

    [Fact]
    public void Affected_and_requested_are_distinguished_but_either_is_read()
    {
        (ushort, byte[])[] rest = [Number(0x0100, 0x0130), Number(0x0110, 5), Number(0x0800, 0), Number(0x1008, 1)];

        NActionRequest both = Assert.IsType<NActionRequest>(CommandSet.Read(
            Elements([Text(0x0002, "1.1"), Text(0x0003, "1.2"), Text(0x1000, "2.1"), Text(0x1001, "2.2"), .. rest])).Command);
        NActionRequest wrong = Assert.IsType<NActionRequest>(
            CommandSet.Read(Elements([Text(0x0002, "1.1"), Text(0x1000, "2.1"), .. rest])).Command);

        Assert.Equal(("1.2", "2.2", "1.1", "2.1"), (both.SopClassUid, both.SopInstanceUid, wrong.SopClassUid, wrong.SopInstanceUid));
    }

    [Fact]
    public void A_peer_that_leaves_out_the_sop_class_is_understood()
        => Assert.Equal(
            new CEchoRequest { MessageId = 5, SopClassUid = "" },
            CommandSet.Read(Elements(Number(0x0100, 0x0030), Number(0x0110, 5), Number(0x0800, 0x0101))).Command);

    [Fact]
    public void Counts_of_sub_operations_that_are_left_out_are_none_or_zero()
    {
        (ushort, byte[])[] head = [Number(0x0100, 0x8010), Number(0x0120, 5), Number(0x0800, 0x0101), Number(0x0900, 0)];

        Assert.Null(Assert.IsType<CGetResponse>(CommandSet.Read(Elements(head)).Command).SubOperations);
        Assert.Equal(
            new SubOperations(null, 3, 0, 0),
            Assert.IsType<CGetResponse>(CommandSet.Read(Elements([.. head, Number(0x1021, 3)])).Command).SubOperations);
    }

    [Fact]
    public void Priorities_statuses_and_fields_that_are_not_known_survive()
    {
        byte[] find = Elements(Number(0x0100, 0x0020), Number(0x0110, 5), Number(0x0700, 77), Number(0x0800, 0));
        byte[] response = Elements(Number(0x0100, 0x8777), Number(0x0120, 5), Number(0x0800, 0x0101), Number(0x0900, 0x0190));

        Assert.Equal((DimsePriority)77, Assert.IsType<CFindRequest>(CommandSet.Read(find).Command).Priority);
        Assert.Equal(
            new OtherResponse((CommandField)0x8777) { RespondsTo = 5, Status = new DimseStatus(0x0190) },
            CommandSet.Read(response).Command);
    }

    private static byte[] Echo((ushort, byte[]) last)
        => Elements(Text(0x0002, "1.2.840.10008.1.1"), Number(0x0100, 0x0030), Number(0x0110, 5), last);

    private static (ushort Element, byte[] Value) Number(ushort element, ushort value) => (element, [(byte)value, (byte)(value >> 8)]);

    private static (ushort Element, byte[] Value) Text(ushort element, string value) => (element, Encoding.ASCII.GetBytes(value));

    private static byte[] Elements(params (ushort Element, byte[] Value)[] elements)
    {
        byte[] all = [.. elements.SelectMany(
            one => (byte[])[0, 0, (byte)one.Element, (byte)(one.Element >> 8), (byte)one.Value.Length, 0, 0, 0, .. one.Value])];
        return [0, 0, 0, 0, 4, 0, 0, 0, (byte)all.Length, 0, 0, 0, .. all];
    }
}
