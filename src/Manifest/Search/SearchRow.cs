using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Retrieve;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Search;

/// <summary>A match with what is known at its level and above.</summary>
public sealed record SearchRow
{
    public required StudyInstanceUid Study { get; init; }

    /// <summary>Merged patient and study attributes.</summary>
    public required DicomDataset StudyAttributes { get; init; }

    /// <summary>Modalities of the study's series (0008,0061).</summary>
    public required IReadOnlyList<string> Modalities { get; init; }

    /// <summary>(0020,1206)</summary>
    public required int StudySeriesCount { get; init; }

    /// <summary>(0020,1208)</summary>
    public required int StudyInstanceCount { get; init; }

    /// <summary>Only where asked for; null for a study without Patient ID, too.</summary>
    public PatientCounts? Patient { get; init; }

    public SeriesInstanceUid? Series { get; init; }

    public DicomDataset? SeriesAttributes { get; init; }

    /// <summary>(0020,1209)</summary>
    public int SeriesInstanceCount { get; init; }

    public InstanceState? Instance { get; init; }

    public DicomDataset? InstanceAttributes { get; init; }

    /// <summary>As in <see cref="InstanceContent.Metadata"/>; only where asked for.</summary>
    public StoredBlob Metadata { get; init; } = StoredBlob.Empty;
}

/// <summary>What the storage space holds of the patient whom the Patient ID of a study names.</summary>
/// <param name="Studies">(0020,1200)</param>
/// <param name="Series">(0020,1202)</param>
/// <param name="Instances">(0020,1204)</param>
public sealed record PatientCounts(int Studies, int Series, int Instances);
