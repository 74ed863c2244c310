namespace ImagingIngestion.TestData;

/// <summary>Transfer syntax UIDs that the test files use.</summary>
public static class Syntax
{
    public const string ImplicitLittle = "1.2.840.10008.1.2";
    public const string ExplicitLittle = "1.2.840.10008.1.2.1";
    public const string Deflated = "1.2.840.10008.1.2.1.99";
    public const string ExplicitBig = "1.2.840.10008.1.2.2";
    public const string JpegBaseline = "1.2.840.10008.1.2.4.50";
    public const string JpegLossless = "1.2.840.10008.1.2.4.70";
    public const string JpegLs = "1.2.840.10008.1.2.4.80";
    public const string Jpeg2000 = "1.2.840.10008.1.2.4.90";
    public const string Mpeg2 = "1.2.840.10008.1.2.4.100";
    public const string HighThroughputJpeg2000 = "1.2.840.10008.1.2.4.201";
    public const string Rle = "1.2.840.10008.1.2.5";
    public const string EncapsulatedUncompressed = "1.2.840.10008.1.2.1.98";

    public static Wire WireOf(string uid) => uid switch
    {
        ImplicitLittle => Wire.ImplicitLittle,
        ExplicitBig => Wire.ExplicitBig,
        _ => Wire.ExplicitLittle,
    };
}
