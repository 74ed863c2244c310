using System.Buffers.Binary;
using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Reading;

namespace ImagingIngestion.Dicom.Writing;

/// <summary>
/// Writes the product's own preamble and file meta information (PS3.10 section 7.1); only the identity comes from the incoming file.
/// </summary>
public static class FileMetaWriter
{
    /// <summary>Implementation Class UID (0002,0012), in the UUID-derived root (PS3.5 section B.2).</summary>
    public const string ImplementationClassUid = "2.25.252718034871613964212395083562474135581";

    /// <summary>Implementation Version Name (0002,0013), at most 16 characters.</summary>
    public const string ImplementationVersionName = "IMAGINGINGEST_01";

    private const int PreambleLength = 128;
    private const int GroupLengthElementSize = 12;

    /// <summary>Returns the bytes before a data set in a Part 10 file: the preamble, "DICM" and group 0002.</summary>
    /// <param name="sopClassUid">Media Storage SOP Class UID; left out when null.</param>
    /// <param name="sopInstanceUid">Media Storage SOP Instance UID; left out when null.</param>
    /// <param name="transferSyntaxUid">The encoding of the data set.</param>
    /// <param name="preamble">128 bytes; zeros when empty.</param>
    public static byte[] Write(string? sopClassUid, string? sopInstanceUid, string transferSyntaxUid, ReadOnlySpan<byte> preamble = default)
    {
        using MemoryStream group = new();
        WriteElement(group, 0x0001, DicomVR.OB, [0, 1]);
        WriteUid(group, 0x0002, sopClassUid);
        WriteUid(group, 0x0003, sopInstanceUid);
        WriteUid(group, 0x0010, transferSyntaxUid);
        WriteUid(group, 0x0012, ImplementationClassUid);
        WriteElement(group, 0x0013, DicomVR.SH, Encoding.ASCII.GetBytes(ImplementationVersionName));

        byte[] head = new byte[PreambleLength + 4 + GroupLengthElementSize + group.Length];
        preamble.CopyTo(head);
        "DICM"u8.CopyTo(head.AsSpan(PreambleLength));
        Span<byte> length = head.AsSpan(PreambleLength + 4);
        ((ReadOnlySpan<byte>)[0x02, 0, 0, 0, (byte)'U', (byte)'L', 4, 0]).CopyTo(length);
        BinaryPrimitives.WriteUInt32LittleEndian(length[8..], (uint)group.Length);
        group.GetBuffer().AsSpan(0, (int)group.Length).CopyTo(length[GroupLengthElementSize..]);
        return head;
    }

    private static void WriteUid(MemoryStream group, ushort element, string? uid)
    {
        if (uid is not null)
        {
            WriteElement(group, element, DicomVR.UI, Encoding.ASCII.GetBytes(uid.Length % 2 == 0 ? uid : uid + '\0'));
        }
    }

    private static void WriteElement(MemoryStream group, ushort element, DicomVR vr, ReadOnlySpan<byte> value)
    {
        Span<byte> header = stackalloc byte[ElementHeader.MaxSize];
        int size = ElementHeaderWriter.Write(header, new DicomTag(0x0002, element), vr, (uint)value.Length);
        group.Write(header[..size]);
        group.Write(value);
    }
}
