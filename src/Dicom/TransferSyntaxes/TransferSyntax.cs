using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.TransferSyntaxes;

/// <summary>The encoding of a data set (PS3.5 section 10 and annex A).</summary>
/// <remarks>An unknown UID counts as explicit VR little endian with opaque pixel data.</remarks>
/// <param name="Uid">The transfer syntax UID, at most 64 characters.</param>
/// <param name="IsExplicitVR">Elements carry their VR.</param>
/// <param name="IsBigEndian">Explicit VR Big Endian (retired).</param>
/// <param name="IsDeflated">The data set bytes are a raw deflate stream (PS3.5 section A.5).</param>
/// <param name="IsEncapsulated">Pixel data is a sequence of fragments.</param>
public sealed record TransferSyntax(string Uid, bool IsExplicitVR, bool IsBigEndian, bool IsDeflated, bool IsEncapsulated)
{
    public static TransferSyntax ImplicitVRLittleEndian { get; } = new("1.2.840.10008.1.2", false, false, false, false);

    public static TransferSyntax ExplicitVRLittleEndian { get; } = new("1.2.840.10008.1.2.1", true, false, false, false);

    public static TransferSyntax DeflatedExplicitVRLittleEndian { get; } = new("1.2.840.10008.1.2.1.99", true, false, true, false);

    public static TransferSyntax ExplicitVRBigEndian { get; } = new("1.2.840.10008.1.2.2", true, true, false, false);

    /// <summary>Pixel data is not in fragments: frames can be addressed by arithmetic and re-encoded without a codec.</summary>
    public bool IsNative => !IsEncapsulated;

    /// <summary>MPEG2, MPEG-4 AVC or HEVC: all frames are one stream, in one or many fragments (PS3.5 sections 8.2.5 to 8.2.8).</summary>
    public bool IsVideo => Uid.StartsWith("1.2.840.10008.1.2.4.10", StringComparison.Ordinal) && Uid.Length is 23 or 25;

    /// <summary>Returns whether pixel data of this form contradicts the syntax.</summary>
    /// <remarks>It returns false for native pixel data in a syntax that PS3.6 does not know or in an old implicit one.</remarks>
    public bool Contradicts(bool isPixelDataEncapsulated)
        => isPixelDataEncapsulated ? IsNative : IsEncapsulated && IsExplicitVR && UidRegistry.TryGet(Uid, out _);

    /// <summary>Returns the syntax of a UID; one that is not a native or deflated syntax of the standard is encapsulated.</summary>
    public static TransferSyntax FromUid(string uid) => uid switch
    {
        "1.2.840.10008.1.2" => ImplicitVRLittleEndian,
        "1.2.840.10008.1.2.1" => ExplicitVRLittleEndian,
        "1.2.840.10008.1.2.1.99" => DeflatedExplicitVRLittleEndian,
        "1.2.840.10008.1.2.2" => ExplicitVRBigEndian,

        // Private syntax of GE (big endian pixels in implicit elements), and Papyrus 3: pixel data stays opaque.
        "1.2.840.113619.5.2" or "1.2.840.10008.1.20" => new TransferSyntax(uid, false, false, false, true),

        // JPIP Referenced Deflate and JPIP HTJ2K Referenced Deflate.
        "1.2.840.10008.1.2.4.95" or "1.2.840.10008.1.2.4.205" => new TransferSyntax(uid, true, false, true, true),
        _ => new TransferSyntax(uid, true, false, false, true),
    };
}
