using System.Diagnostics.CodeAnalysis;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Ingest;

/// <summary>The four UIDs that an instance must have; nothing else is required of it.</summary>
public sealed record InstanceIdentity(StudyInstanceUid Study, SeriesInstanceUid Series, SopInstanceUid Sop, SopClassUid SopClass)
{
    private static readonly DicomTag[] Required =
    [
        DicomTag.SOPClassUID,
        DicomTag.SOPInstanceUID,
        DicomTag.StudyInstanceUID,
        DicomTag.SeriesInstanceUID
    ];

    /// <summary>Reads the UIDs; false when one is missing or no UID.</summary>
    public static bool TryRead(DicomDataset dataset, [NotNullWhen(true)] out InstanceIdentity? identity)
    {
        identity = null;
        if (!StudyInstanceUid.TryParse(Text(dataset, DicomTag.StudyInstanceUID), out StudyInstanceUid study)
            || !SeriesInstanceUid.TryParse(Text(dataset, DicomTag.SeriesInstanceUID), out SeriesInstanceUid series)
            || !SopInstanceUid.TryParse(Text(dataset, DicomTag.SOPInstanceUID), out SopInstanceUid sop)
            || !SopClassUid.TryParse(Text(dataset, DicomTag.SOPClassUID), out SopClassUid sopClass))
        {
            return false;
        }

        identity = new InstanceIdentity(study, series, sop, sopClass);
        return true;
    }

    /// <summary>All four elements have arrived, valid or not.</summary>
    public static bool HasArrived(DicomDataset dataset) => Array.TrueForAll(Required, tag => dataset.TryGet(tag, out _));

    /// <summary>Says which of the UIDs are missing or invalid.</summary>
    public static string DescribeFaults(DicomDataset dataset)
        => "These must be present and valid UIDs: "
            + string.Join(", ", Required.Where(tag => !DicomUid.IsValid(Text(dataset, tag))).Select(tag => tag.ToString()));

    internal static string? Text(DicomDataset? dataset, DicomTag tag)
        => dataset is not null && dataset.TryGet(tag, out DicomElement? element) && element.Items is null && element.Bulk is null
            ? DicomUid.Trim(element.Value.Span)
            : null;
}
