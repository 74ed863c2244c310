using ImagingIngestion.Dicom;

namespace ImagingIngestion.Grains;

/// <summary>A search within one storage space (PS3.4 C.2.2.2, PS3.18 section 10.6). All matches must hold.</summary>
public sealed record SearchRequest
{
    public required ProviderName Provider { get; init; }

    public required SearchLevel Level { get; init; }

    /// <summary>Only below this study, where the path names one.</summary>
    public StudyInstanceUid? Study { get; init; }

    /// <summary>Only below this series, where the path names one.</summary>
    public SeriesInstanceUid? Series { get; init; }

    public IReadOnlyList<AttributeMatch> Matches { get; init; } = [];

    /// <summary>Names match where every word of the key begins a word of the name, without regard to case, accents and order (PS3.4 C.2.2.2.1).</summary>
    public bool FuzzyMatching { get; init; }

    /// <summary>The most rows to return, at least 1.</summary>
    public required int Limit { get; init; }

    public int Offset { get; init; }

    /// <summary>The caller needs <see cref="SearchRow.Metadata"/> of instances, to return attributes that no index holds.</summary>
    public bool WithMetadata { get; init; }
}
