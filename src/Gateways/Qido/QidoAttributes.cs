using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.Search;

namespace ImagingIngestion.Gateways.Qido;

/// <summary>The return attributes of each level (PS3.18 tables 10.6.3-3 to 10.6.3-5).</summary>
internal static class QidoAttributes
{
    /// <summary>Always there, empty where not known.</summary>
    public static IReadOnlyList<DicomTag> Always(SearchLevel level) => level switch
    {
        SearchLevel.Study => StudyAlways,
        SearchLevel.Series => SeriesAlways,
        _ => InstanceAlways,
    };

    /// <summary>There when known.</summary>
    public static IReadOnlyList<DicomTag> WhenKnown(SearchLevel level) => level switch
    {
        SearchLevel.Study => StudyWhenKnown,
        SearchLevel.Series => SeriesWhenKnown,
        _ => InstanceWhenKnown,
    };

    /// <summary>
    /// Whether the attribute belongs to resources below the level, or is gathered from them. Where it is asked for nevertheless it is left out rather than
    /// returned empty: viewers take an empty Modality of a study for an answer, and one study without modalities ends the study list of OHIF.
    /// </summary>
    public static bool IsFromBelow(DicomTag tag, SearchLevel level)
        => tag == DicomTag.ModalitiesInStudy || (level < SearchLevel.Series && IsOf(tag, SearchLevel.Series)) || (level < SearchLevel.Instance && IsOf(tag, SearchLevel.Instance));

    /// <summary>Whether rows carry the attribute without the metadata of the instance.</summary>
    public static bool IsInRows(DicomTag tag)
        => IsOf(tag, SearchLevel.Study) || IsOf(tag, SearchLevel.Series) || IsOf(tag, SearchLevel.Instance) || IsOfEveryLevel(tag);

    private static DicomTag[] StudyAlways { get; } =
    [
        DicomTag.StudyDate, DicomTag.StudyTime, DicomTag.AccessionNumber, DicomTag.ReferringPhysicianName,
        DicomTag.PatientName, DicomTag.PatientID, DicomTag.PatientBirthDate, DicomTag.PatientSex, DicomTag.StudyInstanceUID, DicomTag.StudyID,
        DicomTag.NumberOfStudyRelatedSeries, DicomTag.NumberOfStudyRelatedInstances,
    ];

    private static DicomTag[] StudyWhenKnown { get; } = [DicomTag.ModalitiesInStudy, DicomTag.InstanceAvailability, DicomTag.TimezoneOffsetFromUTC, DicomTag.RetrieveURL];

    private static DicomTag[] SeriesAlways { get; } =
        [DicomTag.Modality, DicomTag.SeriesInstanceUID, DicomTag.SeriesNumber, DicomTag.NumberOfSeriesRelatedInstances];

    private static DicomTag[] SeriesWhenKnown { get; } =
    [
        DicomTag.SeriesDescription, DicomTag.TimezoneOffsetFromUTC, DicomTag.PerformedProcedureStepStartDate,
        DicomTag.PerformedProcedureStepStartTime, DicomTag.RequestAttributesSequence, DicomTag.RetrieveURL,
    ];

    private static DicomTag[] InstanceAlways { get; } = [DicomTag.SOPClassUID, DicomTag.SOPInstanceUID, DicomTag.InstanceNumber];

    private static DicomTag[] InstanceWhenKnown { get; } =
    [
        DicomTag.Rows, DicomTag.Columns, DicomTag.BitsAllocated, DicomTag.NumberOfFrames, DicomTag.InstanceAvailability,
        DicomTag.TimezoneOffsetFromUTC, DicomTag.RetrieveURL,
    ];

    private static bool IsOf(DicomTag tag, SearchLevel level)
        => Always(level).Contains(tag) || (WhenKnown(level).Contains(tag) && !IsOfEveryLevel(tag))
            || SearchAttributes.All.Any(attribute => attribute.Level == level && attribute.Path[0] == tag);

    private static bool IsOfEveryLevel(DicomTag tag)
        => tag == DicomTag.InstanceAvailability || tag == DicomTag.TimezoneOffsetFromUTC || tag == DicomTag.RetrieveURL;
}
