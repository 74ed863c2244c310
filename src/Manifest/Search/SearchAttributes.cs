using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Manifest.Search;

/// <summary>The indexed attributes: all required keys of PS3.18 table 10.6.1-5 and a few that viewers use.</summary>
public static class SearchAttributes
{
    public static SearchAttribute StudyDate { get; } = Single(
        SearchLevel.Study, "study_date", DicomTag.StudyDate, SearchAttributeKind.Date);

    public static SearchAttribute StudyTime { get; } = Single(
        SearchLevel.Study, "study_time", DicomTag.StudyTime, SearchAttributeKind.Time);

    public static SearchAttribute AccessionNumber { get; } = Single(
        SearchLevel.Study, "accession_number", DicomTag.AccessionNumber, SearchAttributeKind.Text);

    /// <summary>The modalities of the study's series, kept by the store.</summary>
    public static SearchAttribute ModalitiesInStudy { get; } = Multi(SearchLevel.Study, "modalities", DicomTag.ModalitiesInStudy);

    public static SearchAttribute ReferringPhysicianName { get; } = Single(
        SearchLevel.Study, "referring_physician_name", DicomTag.ReferringPhysicianName, SearchAttributeKind.PersonName);

    public static SearchAttribute StudyDescription { get; } = Single(
        SearchLevel.Study, "study_description", DicomTag.StudyDescription, SearchAttributeKind.Text);

    public static SearchAttribute PatientName { get; } = Single(
        SearchLevel.Study, "patient_name", DicomTag.PatientName, SearchAttributeKind.PersonName);

    public static SearchAttribute PatientID { get; } = Single(
        SearchLevel.Study, "patient_id", DicomTag.PatientID, SearchAttributeKind.Text);

    public static SearchAttribute PatientBirthDate { get; } = Single(
        SearchLevel.Study, "patient_birth_date", DicomTag.PatientBirthDate, SearchAttributeKind.Date);

    public static SearchAttribute PatientSex { get; } = Single(
        SearchLevel.Study, "patient_sex", DicomTag.PatientSex, SearchAttributeKind.Text);

    public static SearchAttribute StudyInstanceUID { get; } = Single(
        SearchLevel.Study, "study_uid", DicomTag.StudyInstanceUID, SearchAttributeKind.Uid);

    public static SearchAttribute StudyID { get; } = Single(SearchLevel.Study, "study_id_text", DicomTag.StudyID, SearchAttributeKind.Text);

    /// <summary>Normally one value; a series that was sent with several keeps them all.</summary>
    public static SearchAttribute Modality { get; } = Multi(SearchLevel.Series, "modality", DicomTag.Modality);

    public static SearchAttribute SeriesDescription { get; } = Single(
        SearchLevel.Series, "series_description", DicomTag.SeriesDescription, SearchAttributeKind.Text);

    public static SearchAttribute BodyPartExamined { get; } = Single(
        SearchLevel.Series, "body_part_examined", DicomTag.BodyPartExamined, SearchAttributeKind.Text);

    public static SearchAttribute SeriesInstanceUID { get; } = Single(
        SearchLevel.Series, "series_uid", DicomTag.SeriesInstanceUID, SearchAttributeKind.Uid);

    public static SearchAttribute SeriesNumber { get; } = Single(
        SearchLevel.Series, "series_number", DicomTag.SeriesNumber, SearchAttributeKind.Integer);

    public static SearchAttribute PerformedProcedureStepStartDate { get; } = Single(
        SearchLevel.Series, "performed_start_date", DicomTag.PerformedProcedureStepStartDate, SearchAttributeKind.Date);

    public static SearchAttribute PerformedProcedureStepStartTime { get; } = Single(
        SearchLevel.Series, "performed_start_time", DicomTag.PerformedProcedureStepStartTime, SearchAttributeKind.Time);

    public static SearchAttribute ScheduledProcedureStepID { get; } = Multi(
        SearchLevel.Series, "scheduled_step_id", DicomTag.RequestAttributesSequence, DicomTag.ScheduledProcedureStepID);

    public static SearchAttribute RequestedProcedureID { get; } = Multi(
        SearchLevel.Series, "requested_procedure_id", DicomTag.RequestAttributesSequence, DicomTag.RequestedProcedureID);

    public static SearchAttribute SOPClassUID { get; } = Single(
        SearchLevel.Instance, "sop_class_uid", DicomTag.SOPClassUID, SearchAttributeKind.Uid);

    public static SearchAttribute SOPInstanceUID { get; } = Single(
        SearchLevel.Instance, "sop_uid", DicomTag.SOPInstanceUID, SearchAttributeKind.Uid);

    public static SearchAttribute InstanceNumber { get; } = Single(
        SearchLevel.Instance, "instance_number", DicomTag.InstanceNumber, SearchAttributeKind.Integer);

    public static IReadOnlyList<SearchAttribute> All { get; } =
    [
        StudyDate, StudyTime, AccessionNumber, ModalitiesInStudy, ReferringPhysicianName, StudyDescription, PatientName, PatientID,
        PatientBirthDate, PatientSex, StudyInstanceUID, StudyID,
        Modality, SeriesDescription, BodyPartExamined, SeriesInstanceUID, SeriesNumber, PerformedProcedureStepStartDate,
        PerformedProcedureStepStartTime, ScheduledProcedureStepID, RequestedProcedureID,
        SOPClassUID, SOPInstanceUID, InstanceNumber,
    ];

    /// <summary>Finds the indexed attribute of a path (the tag, with its sequence before it); returns null if there is none.</summary>
    public static SearchAttribute? Find(IReadOnlyList<DicomTag> path)
        => All.FirstOrDefault(attribute => attribute.Path.SequenceEqual(path));

    private static SearchAttribute Single(SearchLevel level, string column, DicomTag tag, SearchAttributeKind kind)
        => new(level, column, [tag], kind, IsMultiValued: false);

    private static SearchAttribute Multi(SearchLevel level, string column, params DicomTag[] path)
        => new(level, column, path, SearchAttributeKind.Text, IsMultiValued: true);
}

/// <summary>The level of the resources that a search returns (PS3.18 section 10.6).</summary>
public enum SearchLevel
{
    Study,
    Series,
    Instance,
}

/// <summary>An attribute that the manifest indexes for matching; <see cref="SearchAttributes"/> lists them.</summary>
/// <param name="Level">Where its values are kept.</param>
/// <param name="Column">The name of the column in every SQL store.</param>
/// <param name="Path">The tag, with its sequence before it if it is nested.</param>
/// <param name="Kind">How its values are normalised and matched.</param>
/// <param name="IsMultiValued">
/// Several values are usual, so the column always encloses them. Other texts and names keep several values too.
/// </param>
public sealed record SearchAttribute(
    SearchLevel Level, string Column, IReadOnlyList<DicomTag> Path, SearchAttributeKind Kind, bool IsMultiValued);

/// <summary>How values of an indexed attribute are normalised and matched (PS3.4 C.2.2.2).</summary>
public enum SearchAttributeKind
{
    /// <summary>Text matched with its case, composed and trimmed; one of its values.</summary>
    Text,

    /// <summary>PN: each component group matched on its own, without case; one of its values.</summary>
    PersonName,

    /// <summary>DA as yyyyMMdd.</summary>
    Date,

    /// <summary>TM as HHmmss.ffffff, missing parts as zeros.</summary>
    Time,

    /// <summary>UI.</summary>
    Uid,

    /// <summary>IS, matched as a number.</summary>
    Integer,
}
