using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Gateways.Dimse.Find;

/// <summary>The attributes that each level returns.</summary>
internal static class FindKeys
{
    /// <summary>Returns whether the element is no key but describes the response or the encoding of the identifier.</summary>
    public static bool IsControl(DicomTag tag)
        => tag.IsGroupLength
            || tag == DicomTag.SpecificCharacterSet
            || tag == DicomTag.QueryRetrieveLevel
            || tag == DicomTag.RetrieveAETitle;

    /// <summary>Returns whether the level returns values of the attribute.</summary>
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

    /// <summary>Returns whether the attribute counts something of the patient; counted only on request, at every level.</summary>
    public static bool IsPatientCount(DicomTag tag)
        => tag == DicomTag.NumberOfPatientRelatedStudies
            || tag == DicomTag.NumberOfPatientRelatedSeries
            || tag == DicomTag.NumberOfPatientRelatedInstances;

    /// <summary>Returns whether only the data set of the instance has the attribute, and no row of the manifest.</summary>
    public static bool IsOnlyInMetadata(DicomTag tag)
        => tag != DicomTag.InstanceAvailability
            && !IsPatientCount(tag)
            && tag != DicomTag.ModalitiesInStudy
            && tag != DicomTag.NumberOfStudyRelatedSeries
            && tag != DicomTag.NumberOfStudyRelatedInstances
                && tag != DicomTag.NumberOfSeriesRelatedInstances
                && !AttributeLevels.TryGetLevel(tag, out _);
}
