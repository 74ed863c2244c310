using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Gateways.Dimse.Find;

/// <summary>Which attributes each level returns.</summary>
internal static class FindKeys
{
    /// <summary>No keys: what the response says of itself, and what only says how the identifier is written.</summary>
    public static bool IsControl(DicomTag tag)
        => tag.IsGroupLength
            || tag == DicomTag.SpecificCharacterSet
            || tag == DicomTag.QueryRetrieveLevel
            || tag == DicomTag.RetrieveAETitle;

    /// <summary>Whether a value is returned where there is one.</summary>
    public static bool IsReturned(DicomTag tag, QueryLevel level)
    {
        if (tag == DicomTag.InstanceAvailability || IsPatientCount(tag))
        {
            return true;
        }

        if (level == QueryLevel.Image)
        {
            return true;
        }

        if (level == QueryLevel.Patient)
        {
            return AttributeLevels.IsOfPatient(tag);
        }

        bool isOfStudy = tag == DicomTag.ModalitiesInStudy
            || tag == DicomTag.NumberOfStudyRelatedSeries
            || tag == DicomTag.NumberOfStudyRelatedInstances;
        bool isOfSeries = level == QueryLevel.Series && tag == DicomTag.NumberOfSeriesRelatedInstances;
        AttributeLevel lowest = level == QueryLevel.Series ? AttributeLevel.Series : AttributeLevel.Study;
        return isOfStudy || isOfSeries || (AttributeLevels.TryGetLevel(tag, out AttributeLevel kept) && kept <= lowest);
    }

    /// <summary>How much there is of the patient, whatever the level is; counted only where asked for.</summary>
    public static bool IsPatientCount(DicomTag tag)
        => tag == DicomTag.NumberOfPatientRelatedStudies
            || tag == DicomTag.NumberOfPatientRelatedSeries
            || tag == DicomTag.NumberOfPatientRelatedInstances;

    /// <summary>Whether no row of the manifest has the attribute, so that the data set of the instance must be asked.</summary>
    public static bool IsOnlyInMetadata(DicomTag tag)
        => tag != DicomTag.InstanceAvailability
            && !IsPatientCount(tag)
            && tag != DicomTag.ModalitiesInStudy
            && tag != DicomTag.NumberOfStudyRelatedSeries
            && tag != DicomTag.NumberOfStudyRelatedInstances
                && tag != DicomTag.NumberOfSeriesRelatedInstances
                && !AttributeLevels.TryGetLevel(tag, out _);
}
