using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.CharacterSets;

/// <summary>Which spaces around a value mean nothing (PS3.5 table 6.2-1); NUL counts as a space, since devices pad with it.</summary>
internal static class TextPadding
{
    private const string Characters = " \0";

    internal static string Trim(string value, DicomVR vr)
        => TrimsStart(vr) ? value.Trim(Characters[0], Characters[1]) : value.TrimEnd(Characters[0], Characters[1]);

    internal static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value, DicomVR vr)
        => TrimsStart(vr) ? value.Trim(" \0"u8) : value.TrimEnd(" \0"u8);

    /// <summary>Leading spaces are text in LT, ST, UT, UC, UR and PN.</summary>
    private static bool TrimsStart(DicomVR vr)
        => vr is not (DicomVR.LT or DicomVR.ST or DicomVR.UT or DicomVR.UC or DicomVR.UR or DicomVR.PN);
}
