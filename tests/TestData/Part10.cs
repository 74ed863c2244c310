using System.IO.Compression;
using System.Text;

namespace ImagingIngestion.TestData;

/// <summary>Makes files from data sets (PS3.10 section 7).</summary>
public static class Part10
{
    public static byte[] Preamble { get; } = [.. new byte[128], .. "DICM"u8];

    /// <summary>Makes a regular file: preamble, file meta with its group length, data set.</summary>
    public static byte[] File(string syntax, string sopClass, string sop, byte[] dataSet)
        => [.. Preamble, .. Meta(syntax, sopClass, sop), .. syntax == Syntax.Deflated ? Deflate(dataSet) : dataSet];

    public static byte[] Meta(string? syntax, string? sopClass, string? sop, int lengthError = 0, bool withLength = true)
    {
        ElementWriter body = new(Wire.ExplicitLittle);
        body.Element(0x0002_0001, "OB", [0, 1]);
        Uid(body, 0x0002_0002, sopClass);
        Uid(body, 0x0002_0003, sop);
        Uid(body, 0x0002_0010, syntax);
        Uid(body, 0x0002_0012, "2.25.1");
        body.Element(0x0002_0013, "SH", "TESTDATA"u8.ToArray());

        ElementWriter meta = new(Wire.ExplicitLittle);
        if (withLength)
        {
            meta.Header(0x0002_0000, "UL", 4).U32((uint)(body.Length + lengthError));
        }

        return meta.Raw(body.ToArray()).ToArray();
    }

    /// <summary>Compresses with raw deflate without zlib header, padded to even length (PS3.5 section A.5).</summary>
    public static byte[] Deflate(byte[] bytes)
    {
        using MemoryStream target = new();
        using (DeflateStream deflate = new(target, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(bytes);
        }

        byte[] result = target.ToArray();
        return result.Length % 2 == 0 ? result : [.. result, 0];
    }

    private static void Uid(ElementWriter writer, uint tag, string? uid)
    {
        if (uid is not null)
        {
            byte[] value = Encoding.Latin1.GetBytes(uid);
            writer.Element(tag, "UI", value.Length % 2 == 0 ? value : [.. value, 0]);
        }
    }
}
