using System.Buffers.Binary;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Tests.Pdus;

namespace ImagingIngestion.Dimse.Tests.Messages;

/// <summary>The reader refuses invalid command sets with a <see cref="PduException"/> and no other exception.</summary>
public sealed class BadCommandSetTests
{
    private const int GroupLengthSize = 12;

    [Theory]
    [InlineData("C-ECHO-RQ", 0x0100)]
    [InlineData("C-ECHO-RQ", 0x0110)]
    [InlineData("C-ECHO-RQ", 0x0800)]
    [InlineData("C-STORE-RQ", 0x0110)]
    [InlineData("C-FIND-RQ", 0x0110)]
    [InlineData("C-GET-RQ", 0x0110)]
    [InlineData("C-MOVE-RQ", 0x0110)]
    [InlineData("N-GET-RQ", 0x0110)]
    [InlineData("N-ACTION-RQ", 0x1008)]
    [InlineData("N-EVENT-REPORT-RQ", 0x1002)]
    [InlineData("C-CANCEL-RQ", 0x0120)]
    [InlineData("C-STORE-RSP", 0x0120)]
    [InlineData("C-STORE-RSP", 0x0900)]
    [InlineData("N-CREATE-RSP", 0x0900)]
    public void A_command_without_what_it_needs_is_refused(string name, int element)
    {
        TestCommand command = TestCommands.All.Single(one => one.Name == name);
        byte[] bytes = [.. Elements(command.Bytes).Where(one => BinaryPrimitives.ReadUInt16LittleEndian(one.AsSpan(2)) != element)
            .SelectMany(one => one)];
        Assert.True(bytes.Length < command.Bytes.Length);

        PduException exception = Assert.Throws<PduException>(() => CommandSet.Read(bytes));

        Assert.Equal(AbortReason.InvalidParameterValue, exception.Reason);
    }

    [Fact]
    public void A_command_that_is_cut_off_within_an_element_is_refused()
        => Assert.All(TestCommands.All, one =>
        {
            HashSet<int> borders = [.. Borders(one.Bytes)];
            for (int length = 0; length < one.Bytes.Length; length++)
            {
                byte[] bytes = one.Bytes[..length];
                if (borders.Contains(length))
                {
                    ReadOrRefuse(bytes);
                }
                else
                {
                    Assert.Throws<PduException>(() => CommandSet.Read(bytes));
                }
            }
        });

    [Fact]
    public void Every_length_is_checked_against_what_is_left()
        => Assert.All(TestCommands.All, one =>
        {
            foreach (int border in Borders(one.Bytes).Prepend(0).Where(border => border < one.Bytes.Length))
            {
                uint length = BinaryPrimitives.ReadUInt32LittleEndian(one.Bytes.AsSpan(border + 4));
                Assert.Throws<PduException>(() => CommandSet.Read(With(one.Bytes, border + 4, uint.MaxValue)));
                Assert.Throws<PduException>(() => CommandSet.Read(With(one.Bytes, border + 4, int.MaxValue)));
                Assert.Throws<PduException>(() => CommandSet.Read(With(one.Bytes, border + 4, (uint)(one.Bytes.Length - border - 7))));
                ReadOrRefuse(With(one.Bytes, border + 4, 0));
                ReadOrRefuse(With(one.Bytes, border + 4, length - 1));
                ReadOrRefuse(With(one.Bytes, border + 4, length + 1));
            }
        });

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0000000004000000")]
    [InlineData("000000000400000000000000")]
    [InlineData("0800050004000000 49534f20")]
    public void An_invalid_command_set_is_refused(string hex) => Assert.Throws<PduException>(() => CommandSet.Read(TestPdus.Bytes(hex)));

    [Fact]
    public void A_number_of_one_byte_counts_as_missing()
    {
        byte[] field = TestPdus.Bytes("00000001 01000000 30");

        Assert.Throws<PduException>(() => CommandSet.Read([.. field, .. TestPdus.Bytes("00001001 02000000 0500 00000008 02000000 0101")]));
    }

    private static IEnumerable<byte[]> Elements(byte[] bytes)
    {
        int start = 0;
        foreach (int border in Borders(bytes))
        {
            yield return bytes[start..border];
            start = border;
        }
    }

    /// <summary>Finds the offset of the end of every element.</summary>
    private static IEnumerable<int> Borders(byte[] bytes)
    {
        for (int offset = GroupLengthSize; offset < bytes.Length; offset += 8
            + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(offset + 4)))
        {
            yield return offset;
        }

        yield return bytes.Length;
    }

    private static byte[] With(byte[] bytes, int offset, uint length)
    {
        byte[] changed = [.. bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(offset), length);
        return changed;
    }

    private static void ReadOrRefuse(byte[] bytes)
    {
        try
        {
            CommandSet.Read(bytes);
        }
        catch (PduException)
        {
            // The test looks for every other exception.
        }
    }
}
