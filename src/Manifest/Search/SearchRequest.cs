using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Search;

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

    /// <summary>
    /// Names match where every word of the key begins a word of the name, without regard to case, accents and order (PS3.4 C.2.2.2.1).
    /// </summary>
    public bool FuzzyMatching { get; init; }

    /// <summary>The most rows to return, at least 1.</summary>
    public required int Limit { get; init; }

    public int Offset { get; init; }

    /// <summary>
    /// Goes on after <see cref="SearchPage.End"/> of the page before: rows that came meanwhile are not seen, and the cost of a page does
    /// not grow with its number.
    /// </summary>
    public SearchPosition? After { get; init; }

    /// <summary>
    /// Only for <see cref="SearchLevel.Study"/>: of the studies with one Patient ID (0010,0020) only the newest, which stands for the
    /// patient and which alone is matched. Nothing says whose a study without Patient ID is: each stands for itself.
    /// </summary>
    public bool NewestOfPatient { get; init; }

    /// <summary>The caller needs <see cref="SearchRow.Patient"/>.</summary>
    public bool WithPatientCounts { get; init; }

    /// <summary>The caller needs <see cref="SearchRow.Metadata"/> of instances, to return attributes that no index holds.</summary>
    public bool WithMetadata { get; init; }
}
