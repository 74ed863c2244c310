using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.TransferSyntaxes;

/// <summary>
/// How a data set is encoded (PS3.5 section 10 and annex A). An unknown UID counts as explicit VR little endian with opaque pixel data.
/// </summary>
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

    /// <summary>
    /// Neither compressed pixel data nor fragments: the frames can be addressed by arithmetic and re-encoded without a codec.
    /// </summary>
    public bool IsNative => !IsEncapsulated;

    /// <summary>
    /// Whether pixel data of this form contradicts the syntax. Of a syntax that PS3.6 does not know, and of an implicit one of old times,
    /// nobody can say.
    /// </summary>
    public bool Contradicts(bool isPixelDataEncapsulated)
        => isPixelDataEncapsulated ? IsNative : IsEncapsulated && IsExplicitVR && UidRegistry.TryGet(Uid, out _);

    /// <summary>The syntax of a UID; one that is not of the standard's native or deflated ones is encapsulated.</summary>
    public static TransferSyntax FromUid(string uid) => uid switch
    {
        "1.2.840.10008.1.2" => ImplicitVRLittleEndian,
        "1.2.840.10008.1.2.1" => ExplicitVRLittleEndian,
        "1.2.840.10008.1.2.1.99" => DeflatedExplicitVRLittleEndian,
        "1.2.840.10008.1.2.2" => ExplicitVRBigEndian,

        // Private of GE (big endian pixels behind implicit elements), and Papyrus 3: pixel data stays opaque.
        "1.2.840.113619.5.2" or "1.2.840.10008.1.20" => new TransferSyntax(uid, false, false, false, true),

        // JPIP Referenced Deflate and JPIP HTJ2K Referenced Deflate.
        "1.2.840.10008.1.2.4.95" or "1.2.840.10008.1.2.4.205" => new TransferSyntax(uid, true, false, true, true),
        _ => new TransferSyntax(uid, true, false, false, true),
    };
}
