using System.Collections.Frozen;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Manifest.State;

/// <summary>The attributes that the manifest keeps in separate rows, and their levels.</summary>
/// <remarks>
/// The metadata of the instance has all others. Each attribute has the level of the module that defines it in PS3.3; the groups name the
/// sections.
/// </remarks>
public static class AttributeLevels
{
    /// <summary>The longest value to keep here, in bytes with all its items; longer ones stay in the metadata.</summary>
    public const int MaxValueLength = 32 * 1024;

    /// <summary>C.7.1.1 Patient.</summary>
    private static readonly DicomTag[] Patient =
    [
        DicomTag.PatientName, DicomTag.PatientID, DicomTag.IssuerOfPatientID, DicomTag.IssuerOfPatientIDQualifiersSequence,
        DicomTag.TypeOfPatientID,
        DicomTag.PatientBirthDate, DicomTag.PatientBirthTime, DicomTag.PatientSex, DicomTag.OtherPatientIDs,
        DicomTag.OtherPatientIDsSequence,
        DicomTag.OtherPatientNames, DicomTag.EthnicGroup, DicomTag.PatientComments, DicomTag.PatientSpeciesDescription,
        DicomTag.PatientBreedDescription,
        DicomTag.ResponsiblePerson, DicomTag.ResponsibleOrganization, DicomTag.PatientIdentityRemoved, DicomTag.DeidentificationMethod,
    ];

    /// <summary>C.7.2.1 General Study and C.7.2.2 Patient Study.</summary>
    /// <remarks>Timezone Offset From UTC is here because searches return it with the study.</remarks>
    private static readonly DicomTag[] Study =
    [
        DicomTag.StudyInstanceUID, DicomTag.StudyDate, DicomTag.StudyTime, DicomTag.AccessionNumber,
        DicomTag.IssuerOfAccessionNumberSequence,
        DicomTag.ReferringPhysicianName, DicomTag.StudyID, DicomTag.StudyDescription, DicomTag.PhysiciansOfRecord,
        DicomTag.NameOfPhysiciansReadingStudy,
        DicomTag.RequestingService, DicomTag.ProcedureCodeSequence, DicomTag.ReasonForPerformedProcedureCodeSequence,
        DicomTag.TimezoneOffsetFromUTC,
        DicomTag.PatientAge, DicomTag.PatientSize, DicomTag.PatientWeight, DicomTag.AdmittingDiagnosesDescription, DicomTag.Occupation,
        DicomTag.AdditionalPatientHistory, DicomTag.MedicalAlerts, DicomTag.Allergies, DicomTag.PregnancyStatus, DicomTag.AdmissionID,
    ];

    /// <summary>C.7.3.1 General Series, C.7.5.1 General Equipment, C.7.4.1 Frame of Reference.</summary>
    private static readonly DicomTag[] Series =
    [
        DicomTag.SeriesInstanceUID, DicomTag.Modality, DicomTag.SeriesNumber, DicomTag.SeriesDescription,
        DicomTag.SeriesDescriptionCodeSequence,
        DicomTag.SeriesDate, DicomTag.SeriesTime, DicomTag.Laterality, DicomTag.BodyPartExamined, DicomTag.PatientPosition,
        DicomTag.ProtocolName,
        DicomTag.OperatorsName, DicomTag.PerformingPhysicianName, DicomTag.PerformedProcedureStepID,
        DicomTag.PerformedProcedureStepDescription,
        DicomTag.PerformedProcedureStepStartDate, DicomTag.PerformedProcedureStepStartTime, DicomTag.RequestAttributesSequence,
        DicomTag.Manufacturer, DicomTag.ManufacturerModelName, DicomTag.InstitutionName, DicomTag.InstitutionalDepartmentName,
        DicomTag.StationName,
        DicomTag.DeviceSerialNumber, DicomTag.SoftwareVersions, DicomTag.FrameOfReferenceUID,
    ];

    /// <summary>C.12.1 SOP Common, C.7.6.1 General Image, C.7.6.3 Image Pixel, C.7.6.6 Multi-frame, and the titles of documents.</summary>
    private static readonly DicomTag[] Instance =
    [
        DicomTag.SOPClassUID, DicomTag.SOPInstanceUID, DicomTag.InstanceNumber, DicomTag.ImageType, DicomTag.InstanceCreationDate,
        DicomTag.InstanceCreationTime,
        DicomTag.AcquisitionNumber, DicomTag.AcquisitionDate, DicomTag.AcquisitionTime, DicomTag.AcquisitionDateTime, DicomTag.ContentDate,
        DicomTag.ContentTime,
        DicomTag.ImageComments, DicomTag.SamplesPerPixel, DicomTag.PhotometricInterpretation, DicomTag.Rows, DicomTag.Columns,
        DicomTag.BitsAllocated,
        DicomTag.BitsStored, DicomTag.NumberOfFrames, DicomTag.ImagePositionPatient, DicomTag.ImageOrientationPatient,
        DicomTag.PixelSpacing,
        DicomTag.SliceThickness, DicomTag.SliceLocation, DicomTag.WindowCenter, DicomTag.WindowWidth, DicomTag.LossyImageCompression,
        DicomTag.ContentLabel, DicomTag.ContentDescription, DicomTag.DocumentTitle, DicomTag.CompletionFlag, DicomTag.VerificationFlag,
        DicomTag.ConceptNameCodeSequence,
    ];

    private static readonly FrozenDictionary<DicomTag, AttributeLevel> ByTag = Patient
        .Concat(Study)
        .Select(tag => (tag, AttributeLevel.Study))
        .Concat(Series.Select(tag => (tag, AttributeLevel.Series)))
        .Concat(Instance.Select(tag => (tag, AttributeLevel.Instance)))
        .ToFrozenDictionary(row => row.tag, row => row.Item2);

    /// <summary>All attributes that the manifest keeps in separate rows.</summary>
    public static IEnumerable<DicomTag> All => ByTag.Keys;

    /// <summary>Returns the level of an attribute; false if only the metadata of the instance has it.</summary>
    public static bool TryGetLevel(DicomTag tag, out AttributeLevel level) => ByTag.TryGetValue(tag, out level);

    /// <summary>Returns whether an attribute describes the patient (PS3.3 section C.7.1.1); its level is that of the study.</summary>
    public static bool IsOfPatient(DicomTag tag) => Array.IndexOf(Patient, tag) >= 0;

    /// <summary>
    /// Extracts from a data set what the manifest keeps by level, nested items included, with text in UTF-8 and normalised padding.
    /// </summary>
    /// <remarks>Values that are too long or were not loaded into memory are left out.</remarks>
    public static SplitAttributes Split(DicomDataset parsed)
    {
        SplitAttributes split = new(Utf8Attributes.NewDataset(), Utf8Attributes.NewDataset(), Utf8Attributes.NewDataset());
        foreach (DicomElement element in parsed.Elements)
        {
            if (!TryGetLevel(element.Tag, out AttributeLevel level))
            {
                continue;
            }

            DicomDataset target = level switch
            {
                AttributeLevel.Study => split.Study,
                AttributeLevel.Series => split.Series,
                _ => split.Instance,
            };
            if (Utf8Attributes.Normalise(element, parsed.CharacterSet, target) is { } kept && kept.EstimateBytes() <= MaxValueLength)
            {
                target.TryAdd(kept);
            }
        }

        return split;
    }
}

/// <summary>The attributes of an instance in the manifest, by level, text in UTF-8.</summary>
public sealed record SplitAttributes(DicomDataset Study, DicomDataset Series, DicomDataset Instance);

/// <summary>The row of the manifest that keeps an attribute (PS3.3 annex A: the information entity of its module).</summary>
public enum AttributeLevel
{
    /// <summary>Patient and study.</summary>
    Study,

    Series,

    Instance,
}
