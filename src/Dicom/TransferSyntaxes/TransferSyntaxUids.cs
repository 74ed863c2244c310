namespace ImagingIngestion.Dicom.TransferSyntaxes;

/// <summary>Families of transfer syntaxes that are handled alike (PS3.5 section 10, PS3.6 table A-1).</summary>
public static class TransferSyntaxUids
{
    /// <summary>MPEG2, MPEG-4 AVC and HEVC: all frames are one stream, in one or many fragments (PS3.5 sections 8.2.5 to 8.2.8).</summary>
    public static bool IsVideo(string uid)
        => uid.StartsWith("1.2.840.10008.1.2.4.10", StringComparison.Ordinal) && uid.Length is 23 or 25;
}
