using System.Collections.Frozen;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Dicom.Frames;

/// <summary>
/// How a stored data set is encoded, beside what its transfer syntax says. An irregular one cannot be read by every reader under its label,
/// so it leaves the service re-encoded, or as stored bytes where those are asked for.
/// </summary>
/// <param name="IsIrregular">It is not encoded as its transfer syntax says; the default is a data set that is.</param>
/// <param name="IsExplicitVR">Of an irregular one: elements carry their VR.</param>
/// <param name="IsBigEndian">Of an irregular one.</param>
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

    /// <summary>What <see cref="OfLayout"/> needs of a layout.</summary>
    public const int LayoutBytes = 2;

    /// <summary>The transfer syntax to read the stored bytes in.</summary>
    public TransferSyntax Apply(string uid)
    {
        TransferSyntax named = TransferSyntax.FromUid(uid);
        return IsIrregular ? named with { IsExplicitVR = IsExplicitVR, IsBigEndian = IsBigEndian } : named;
    }
}
