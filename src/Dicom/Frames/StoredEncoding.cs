using System.Collections.Frozen;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Dicom.Frames;

/// <summary>The encoding of a stored data set, beyond what its transfer syntax says.</summary>
/// <remarks>
/// An irregular data set cannot be read by every reader under its label. It leaves the service re-encoded, or as stored bytes if those are
/// requested.
/// </remarks>
/// <param name="IsIrregular">It is not encoded as its transfer syntax says; the default is a data set that is.</param>
/// <param name="IsExplicitVR">For an irregular data set: elements carry their VR.</param>
/// <param name="IsBigEndian">For an irregular data set: numbers are in big endian.</param>
public readonly record struct StoredEncoding(bool IsIrregular, bool IsExplicitVR, bool IsBigEndian)
{
    private static readonly FrozenSet<DicomParseWarning> Irregularities = FrozenSet.ToFrozenSet(
    [
        DicomParseWarning.UnknownVR, DicomParseWarning.TrailingBytes, DicomParseWarning.StrayDelimiter, DicomParseWarning.MissingDelimiter,
        DicomParseWarning.MetaInDataSet, DicomParseWarning.SequenceWithoutItems, DicomParseWarning.ZlibWrapped,
    ]);

    public static StoredEncoding Of(ParsedInstance instance)
    {
        TransferSyntax syntax = instance.TransferSyntax;
        return instance.Warnings.Overlaps(Irregularities) || syntax != TransferSyntax.FromUid(syntax.Uid)
            ? new StoredEncoding(true, syntax.IsExplicitVR, syntax.IsBigEndian)
            : default;
    }

    /// <summary>Reads it from the first <see cref="LayoutBytes"/> of a stored layout.</summary>
    /// <exception cref="InvalidDataException">The bytes are no layout, or one of a newer version.</exception>
    public static StoredEncoding OfLayout(ReadOnlySpan<byte> head) => InstanceLayoutFormat.ReadEncoding(head);

    /// <summary>The bytes of a layout that <see cref="OfLayout"/> needs.</summary>
    public const int LayoutBytes = 2;

    /// <summary>Returns the transfer syntax to read the stored bytes in.</summary>
    public TransferSyntax Apply(string uid)
    {
        TransferSyntax named = TransferSyntax.FromUid(uid);
        return IsIrregular ? named with { IsExplicitVR = IsExplicitVR, IsBigEndian = IsBigEndian } : named;
    }
}
