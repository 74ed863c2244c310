using ImagingIngestion.Dicom;

namespace ImagingIngestion.Grains;

/// <summary>The attributes that the manifest indexes: all required keys of PS3.18 table 10.6.1-5 and a few that viewers use.</summary>
public static class SearchAttributes
{
    public static SearchAttribute StudyDate { get; } = Single(SearchLevel.Study, "study_date", 0x0008_0020, SearchAttributeKind.Date);

    public static SearchAttribute StudyTime { get; } = Single(SearchLevel.Study, "study_time", 0x0008_0030, SearchAttributeKind.Time);

    public static SearchAttribute AccessionNumber { get; } = Single(SearchLevel.Study, "accession_number", 0x0008_0050, SearchAttributeKind.Text);

    /// <summary>The modalities of the study's series, kept by the store.</summary>
    public static SearchAttribute ModalitiesInStudy { get; } = Multi(SearchLevel.Study, "modalities", 0x0008_0061);

    public static SearchAttribute ReferringPhysicianName { get; } = Single(SearchLevel.Study, "referring_physician_name", 0x0008_0090, SearchAttributeKind.PersonName);

    public static SearchAttribute StudyDescription { get; } = Single(SearchLevel.Study, "study_description", 0x0008_1030, SearchAttributeKind.Text);

    public static SearchAttribute PatientName { get; } = Single(SearchLevel.Study, "patient_name", 0x0010_0010, SearchAttributeKind.PersonName);

    public static SearchAttribute PatientID { get; } = Single(SearchLevel.Study, "patient_id", 0x0010_0020, SearchAttributeKind.Text);

    public static SearchAttribute PatientBirthDate { get; } = Single(SearchLevel.Study, "patient_birth_date", 0x0010_0030, SearchAttributeKind.Date);

    public static SearchAttribute PatientSex { get; } = Single(SearchLevel.Study, "patient_sex", 0x0010_0040, SearchAttributeKind.Text);

    public static SearchAttribute StudyInstanceUID { get; } = Single(SearchLevel.Study, "study_uid", 0x0020_000D, SearchAttributeKind.Uid);

    public static SearchAttribute StudyID { get; } = Single(SearchLevel.Study, "study_id_text", 0x0020_0010, SearchAttributeKind.Text);

    /// <summary>Normally one value; a series that was sent with several keeps them all.</summary>
    public static SearchAttribute Modality { get; } = Multi(SearchLevel.Series, "modality", 0x0008_0060);

    public static SearchAttribute SeriesDescription { get; } = Single(SearchLevel.Series, "series_description", 0x0008_103E, SearchAttributeKind.Text);

    public static SearchAttribute BodyPartExamined { get; } = Single(SearchLevel.Series, "body_part_examined", 0x0018_0015, SearchAttributeKind.Text);

    public static SearchAttribute SeriesInstanceUID { get; } = Single(SearchLevel.Series, "series_uid", 0x0020_000E, SearchAttributeKind.Uid);

    public static SearchAttribute SeriesNumber { get; } = Single(SearchLevel.Series, "series_number", 0x0020_0011, SearchAttributeKind.Integer);

    public static SearchAttribute PerformedProcedureStepStartDate { get; } = Single(SearchLevel.Series, "performed_start_date", 0x0040_0244, SearchAttributeKind.Date);

    public static SearchAttribute PerformedProcedureStepStartTime { get; } = Single(SearchLevel.Series, "performed_start_time", 0x0040_0245, SearchAttributeKind.Time);

    public static SearchAttribute ScheduledProcedureStepID { get; } = Multi(SearchLevel.Series, "scheduled_step_id", 0x0040_0275, 0x0040_0009);

    public static SearchAttribute RequestedProcedureID { get; } = Multi(SearchLevel.Series, "requested_procedure_id", 0x0040_0275, 0x0040_1001);

    public static SearchAttribute SOPClassUID { get; } = Single(SearchLevel.Instance, "sop_class_uid", 0x0008_0016, SearchAttributeKind.Uid);

    public static SearchAttribute SOPInstanceUID { get; } = Single(SearchLevel.Instance, "sop_uid", 0x0008_0018, SearchAttributeKind.Uid);

    public static SearchAttribute InstanceNumber { get; } = Single(SearchLevel.Instance, "instance_number", 0x0020_0013, SearchAttributeKind.Integer);

    public static IReadOnlyList<SearchAttribute> All { get; } =
    [
        StudyDate, StudyTime, AccessionNumber, ModalitiesInStudy, ReferringPhysicianName, StudyDescription, PatientName, PatientID,
        PatientBirthDate, PatientSex, StudyInstanceUID, StudyID,
        Modality, SeriesDescription, BodyPartExamined, SeriesInstanceUID, SeriesNumber, PerformedProcedureStepStartDate,
        PerformedProcedureStepStartTime, ScheduledProcedureStepID, RequestedProcedureID,
        SOPClassUID, SOPInstanceUID, InstanceNumber,
    ];

    /// <summary>The indexed attribute with this path (the tag, with the sequence that it stands in before it), or null.</summary>
    public static SearchAttribute? Find(IReadOnlyList<DicomTag> path) => All.FirstOrDefault(attribute => attribute.Path.SequenceEqual(path));

    private static SearchAttribute Single(SearchLevel level, string column, uint tag, SearchAttributeKind kind)
        => new(level, column, [DicomTag.FromValue(tag)], kind, IsMultiValued: false);

    private static SearchAttribute Multi(SearchLevel level, string column, params uint[] path)
        => new(level, column, [.. path.Select(DicomTag.FromValue)], SearchAttributeKind.Text, IsMultiValued: true);
}
