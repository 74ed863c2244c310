using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Gateways.Tests.Wado;

/// <summary>
/// Encodes data sets in any uncompressed syntax, on purpose without the product's own writer. Elements are added in ascending order.
/// </summary>
internal sealed class DataSetEncoder(TransferSyntax syntax)
{
    private readonly MemoryStream _bytes = new();

    public TransferSyntax Syntax { get; } = syntax;

    public DataSetEncoder Text(DicomTag tag, DicomVR vr, string text)
    {
        byte[] value = Encoding.UTF8.GetBytes(text);
        return Bytes(tag, vr, value.Length % 2 == 0 ? value : [.. value, vr == DicomVR.UI ? (byte)0 : (byte)' ']);
    }

    public DataSetEncoder Word(DicomTag tag, ushort number)
    {
        var value = new byte[2];
        WriteWord(value, number);
        return Bytes(tag, DicomVR.US, value);
    }

    /// <summary>Adds the value as it stands on the wire.</summary>
    public DataSetEncoder Bytes(DicomTag tag, DicomVR vr, byte[] value)
    {
        Header(tag, vr, (uint)value.Length);
        _bytes.Write(value);
        return this;
    }

    /// <summary>Adds a sequence of defined length.</summary>
    public DataSetEncoder Sequence(DicomTag tag, params Action<DataSetEncoder>[] items)
    {
        var content = new DataSetEncoder(Syntax);
        foreach (Action<DataSetEncoder> fill in items)
        {
            var item = new DataSetEncoder(Syntax);
            fill(item);
            byte[] bytes = item._bytes.ToArray();
            content.Item(0xE000, (uint)bytes.Length);
            content._bytes.Write(bytes);
        }

        return Bytes(tag, DicomVR.SQ, content._bytes.ToArray());
    }

    /// <summary>Adds encapsulated pixel data with an empty offset table.</summary>
    public DataSetEncoder Fragments(params byte[][] fragments)
    {
        Header(new DicomTag(0x7FE0, 0x0010), DicomVR.OB, 0xFFFF_FFFF);
        Item(0xE000, 0);
        foreach (byte[] fragment in fragments)
        {
            Item(0xE000, (uint)fragment.Length);
            _bytes.Write(fragment);
        }

        Item(0xE0DD, 0);
        return this;
    }

    public byte[] ToBytes()
    {
        if (!Syntax.IsDeflated)
        {
            return _bytes.ToArray();
        }

        var output = new MemoryStream();
        using (var deflate = new DeflateStream(output, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(_bytes.GetBuffer(), 0, (int)_bytes.Length);
        }

        return output.ToArray();
    }

    private void Header(DicomTag tag, DicomVR vr, uint length)
    {
        Span<byte> header = stackalloc byte[12];
        WriteWord(header, tag.Group);
        WriteWord(header[2..], tag.Element);
        if (!Syntax.IsExplicitVR)
        {
            WriteLong(header[4..], length);
            _bytes.Write(header[..8]);
            return;
        }

        header[4] = (byte)((ushort)vr >> 8);
        header[5] = (byte)vr;
        bool isLong =
            vr is DicomVR.OB or DicomVR.OW or DicomVR.OF or DicomVR.OD or DicomVR.OL or DicomVR.OV or DicomVR.SQ or DicomVR.UC or DicomVR.UR
            or DicomVR.UT or DicomVR.UN or DicomVR.SV or DicomVR.UV;
        if (isLong)
        {
            header[6..8].Clear();
            WriteLong(header[8..], length);
        }
        else
        {
            WriteWord(header[6..], (ushort)length);
        }

        _bytes.Write(header[..(isLong ? 12 : 8)]);
    }

    private void Item(ushort element, uint length)
    {
        Span<byte> header = stackalloc byte[8];
        WriteWord(header, 0xFFFE);
        WriteWord(header[2..], element);
        WriteLong(header[4..], length);
        _bytes.Write(header);
    }

    private void WriteWord(Span<byte> target, ushort number)
    {
        if (Syntax.IsBigEndian)
        {
            BinaryPrimitives.WriteUInt16BigEndian(target, number);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(target, number);
        }
    }

    private void WriteLong(Span<byte> target, uint number)
    {
        if (Syntax.IsBigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(target, number);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(target, number);
        }
    }
}
