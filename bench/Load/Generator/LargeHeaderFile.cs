using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ImagingIngestion.Load.Generator;

/// <summary>A file whose header is 30 MB of text in the items of one sequence, and which has no pixel data.</summary>
public sealed class LargeHeaderFile
{
    public const int Megabytes = 30;

    private const int Items = 150;
    private const int ItemBytes = 200_000;
    private const string SopClass = "1.2.840.10008.5.1.4.1.1.7";
    private const string ImplicitLittleEndian = "1.2.840.10008.1.2";
    private const string ExplicitLittleEndian = "1.2.840.10008.1.2.1";

    private readonly MemoryStream _bytes = new();
    private readonly bool _isImplicit;

    private LargeHeaderFile(int run, bool isImplicit)
    {
        _isImplicit = isImplicit;
        ElementWriter meta = new();
        FileMetaBytes.Write(meta, SopClass, isImplicit ? ImplicitLittleEndian : ExplicitLittleEndian);
        _bytes.Write(meta.ToArray());
        Study = BenchUid.Format(BenchUid.Study, run, 0);
        Series = BenchUid.Format(BenchUid.Series, run, 0);
        Instance = BenchUid.Format(BenchUid.Instance, run, 0);
        Text(0x0008_0016, "UI", SopClass);
        Text(0x0008_0018, "UI", Instance);
        Text(0x0010_0010, "PN", "Bench^Header");
        Text(0x0010_0020, "LO", "BENCH");
        Text(0x0020_000D, "UI", Study);
        Text(0x0020_000E, "UI", Series);
        int itemLength = ItemBytes + (isImplicit ? 8 : 12);
        Header(0x0040_A730, "SQ", Items * (itemLength + 8));
        Random random = new(run);
        for (int item = 0; item < Items; item++)
        {
            Tag(0xFFFE_E000);
            Number(itemLength);
            Header(0x0040_A160, "UT", ItemBytes);
            for (int at = 0; at < ItemBytes; at += 8)
            {
                _bytes.Write(Encoding.ASCII.GetBytes(random.Next(100_000_000).ToString("D8", CultureInfo.InvariantCulture)));
            }
        }
    }

    public string Study { get; }

    public string Series { get; }

    public string Instance { get; }

    /// <summary>Path of the instance below a DICOMweb root.</summary>
    public string Path => $"/studies/{Study}/series/{Series}/instances/{Instance}";

    public static LargeHeaderFile Create(int run, bool isImplicit) => new(run, isImplicit);

    public byte[] ToArray() => _bytes.ToArray();

    private void Text(uint tag, string vr, string value)
    {
        byte[] text = Encoding.ASCII.GetBytes(value);
        int length = text.Length + (text.Length & 1);
        Header(tag, vr, length);
        _bytes.Write(text);
        _bytes.Write(new byte[length - text.Length]);
    }

    private void Header(uint tag, string vr, int length)
    {
        if (!_isImplicit)
        {
            ElementWriter header = new();
            header.Header(tag, vr, (uint)length);
            _bytes.Write(header.ToArray());
            return;
        }

        Tag(tag);
        Number(length);
    }

    private void Tag(uint tag) => Number((int)((tag << 16) | (tag >> 16)));

    private void Number(int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        _bytes.Write(bytes);
    }
}
