using ImagingIngestion.Dicom.Reading;

namespace ImagingIngestion.Ingest;

/// <summary>Which oddities of an instance its sender is told of.</summary>
internal static class StoreWarnings
{
    private static readonly DicomParseWarning[] Discarded =
        [DicomParseWarning.DuplicateElement, DicomParseWarning.TrailingBytes, DicomParseWarning.StrippedHead, DicomParseWarning.MetaInDataSet];

    /// <summary>The gravest one, null for none. A missing preamble says nothing about the data set.</summary>
    public static StoreWarning? Of(ParsedInstance parsed, InstanceIdentity identity)
    {
        if (parsed.Warnings.Overlaps(Discarded))
        {
            return StoreWarning.ElementsDiscarded;
        }

        bool isOdd = parsed.Warnings.Any(warning => warning != DicomParseWarning.MissingPreamble);
        return isOdd || Differs(parsed.Meta.MediaStorageSopClassUid, identity.SopClass.Value) || Differs(parsed.Meta.MediaStorageSopInstanceUid, identity.Sop.Value)
            ? StoreWarning.DataSetMismatch
            : null;
    }

    private static bool Differs(string? announced, string found) => !string.IsNullOrEmpty(announced) && announced != found;
}
