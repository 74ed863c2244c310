using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.State;

/// <summary>
/// What the manifest holds of a study. A study without instances is a tombstone: its version goes on counting, no query shows it.
/// </summary>
public sealed record StudyState
{
    public required StudyKey Key { get; init; }

    /// <summary>Counts the commits to this study; 0 when the manifest has no row of it yet.</summary>
    public required long Version { get; init; }

    /// <summary>Patient- and study-level attributes merged from all instances, text in UTF-8.</summary>
    public required DicomDataset Attributes { get; init; }

    public required IReadOnlyList<SeriesState> Series { get; init; }

    /// <summary>The number of the revision that is open, or that the next change opens; revisions count from 0.</summary>
    public int NextRevision { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public int InstanceCount => Series.Sum(series => series.InstanceCount);

    /// <summary>Distinct modalities of the series, in ordinal order (0008,0061).</summary>
    public IEnumerable<string> Modalities => Series.SelectMany(series => series.Modalities).Distinct().Order(StringComparer.Ordinal);
}

/// <summary>What the manifest holds of a series.</summary>
public sealed record SeriesState
{
    public required SeriesInstanceUid Uid { get; init; }

    /// <summary>Series-level attributes merged from all its instances, text in UTF-8.</summary>
    public required DicomDataset Attributes { get; init; }

    public required int InstanceCount { get; init; }

    /// <summary>The values of Modality (0008,0060), normally one.</summary>
    public required IReadOnlyList<string> Modalities { get; init; }
}
