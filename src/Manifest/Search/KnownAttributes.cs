using System.Globalization;
using System.Text;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Manifest.Search;

/// <summary>Collects everything known of a match, in UTF-8; answers of QIDO-RS and C-FIND choose from it.</summary>
public static class KnownAttributes
{
    /// <param name="row">The match.</param>
    /// <param name="metadata">The data set of the instance, if it was needed.</param>
    public static DicomDataset Of(SearchRow row, DicomDataset? metadata)
    {
        DicomDataset known = Computed(row);
        foreach (DicomDataset? source in (ReadOnlySpan<DicomDataset?>)[
            row.StudyAttributes, row.SeriesAttributes, row.InstanceAttributes, metadata
        ])
        {
            foreach (DicomElement element in source?.Elements ?? [])
            {
                if (!element.Tag.IsGroupLength)
                {
                    known.TryAdd(element);
                }
            }
        }

        return known;
    }

    /// <summary>Creates an empty data set that declares UTF-8.</summary>
    public static DicomDataset NewDataset()
    {
        var dataset = new DicomDataset { CharacterSet = SpecificCharacterSet.Utf8 };
        SetText(dataset, DicomTag.SpecificCharacterSet, "ISO_IR 192");
        return dataset;
    }

    public static void SetText(DicomDataset dataset, DicomTag tag, string text)
        => dataset.Set(new DicomElement(tag, DicomDictionary.VROf(tag), Encoding.UTF8.GetBytes(text)));

    /// <summary>Collects the computed attributes; they override a stored attribute of the same tag.</summary>
    private static DicomDataset Computed(SearchRow row)
    {
        DicomDataset computed = NewDataset();
        SetText(computed, DicomTag.StudyInstanceUID, row.Study.Value);
        if (row.Modalities.Count > 0)
        {
            SetText(computed, DicomTag.ModalitiesInStudy, string.Join('\\', row.Modalities));
        }

        SetNumber(computed, DicomTag.NumberOfStudyRelatedSeries, row.StudySeriesCount);
        SetNumber(computed, DicomTag.NumberOfStudyRelatedInstances, row.StudyInstanceCount);
        if (row.Patient is { } patient)
        {
            SetNumber(computed, DicomTag.NumberOfPatientRelatedStudies, patient.Studies);
            SetNumber(computed, DicomTag.NumberOfPatientRelatedSeries, patient.Series);
            SetNumber(computed, DicomTag.NumberOfPatientRelatedInstances, patient.Instances);
        }

        if (row.Series is { } series)
        {
            SetText(computed, DicomTag.SeriesInstanceUID, series.Value);
            SetNumber(computed, DicomTag.NumberOfSeriesRelatedInstances, row.SeriesInstanceCount);
        }

        if (row.Instance is { } instance)
        {
            SetText(computed, DicomTag.SOPClassUID, instance.SopClass.Value);
            SetText(computed, DicomTag.SOPInstanceUID, instance.Id.Sop.Value);
        }

        SetText(computed, DicomTag.InstanceAvailability, "ONLINE");
        return computed;
    }

    private static void SetNumber(DicomDataset dataset, DicomTag tag, int number)
        => SetText(dataset, tag, number.ToString(CultureInfo.InvariantCulture));
}
