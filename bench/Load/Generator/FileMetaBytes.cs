using System.Buffers.Binary;

namespace ImagingIngestion.Load.Generator;

/// <summary>Preamble and file meta information (PS3.10 section 7.1) of the generated files.</summary>
public static class FileMetaBytes
{
    private const string ExplicitLittleEndian = "1.2.840.10008.1.2.1";

    /// <summary>Writes preamble and group 0002 and returns where the SOP Instance UID stands.</summary>
    public static PatchSlot Write(ElementWriter writer, string sopClassUid, string transferSyntaxUid = ExplicitLittleEndian)
    {
        ElementWriter group = new();
        group.Bytes(0x0002_0001, "OB", [0, 1]);
        group.Text(0x0002_0002, "UI", sopClassUid);
        PatchSlot sop = group.Text(0x0002_0003, "UI", BenchUid.Format(BenchUid.Instance, 0, 0));
        group.Text(0x0002_0010, "UI", transferSyntaxUid);
        group.Text(0x0002_0012, "UI", "2.25.190275418263519");
        group.Text(0x0002_0013, "SH", "BENCH_LOAD");

        writer.Raw(new byte[128]);
        writer.Raw("DICM"u8);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)group.Position);
        writer.Header(0x0002_0000, "UL", 4);
        writer.Raw(length);
        PatchSlot placed = sop with { Offset = sop.Offset + writer.Position };
        writer.Raw(group.ToArray());
        return placed;
    }
}
