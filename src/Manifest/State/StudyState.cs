using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.State;

/// <summary>A study in the manifest. Without instances it is a tombstone: its version still counts, and no query shows it.</summary>
public sealed record StudyState
{
    public required StudyKey Key { get; init; }

    /// <summary>Counts the commits to this study; 0 if the manifest has no row of it yet.</summary>
    public required long Version { get; init; }

    /// <summary>Patient- and study-level attributes merged from all instances, text in UTF-8.</summary>
    public required DicomDataset Attributes { get; init; }

    public required IReadOnlyList<SeriesState> Series { get; init; }

    /// <summary>The number of the open revision, or of the one that the next change opens; revisions count from 0.</summary>
    public int NextRevision { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public int InstanceCount => Series.Sum(series => series.InstanceCount);

    /// <summary>Distinct modalities of the series, in ordinal order (0008,0061).</summary>
    public IEnumerable<string> Modalities => Series.SelectMany(series => series.Modalities).Distinct().Order(StringComparer.Ordinal);
}

/// <summary>A series in the manifest.</summary>
public sealed record SeriesState
{
    public required SeriesInstanceUid Uid { get; init; }

    /// <summary>Series-level attributes merged from all its instances, text in UTF-8.</summary>
    public required DicomDataset Attributes { get; init; }

    public required int InstanceCount { get; init; }

    /// <summary>The values of Modality (0008,0060), normally one.</summary>
    public required IReadOnlyList<string> Modalities { get; init; }
}
