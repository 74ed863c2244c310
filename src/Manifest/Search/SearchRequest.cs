using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Search;

/// <summary>A search within one storage space (PS3.4 C.2.2.2, PS3.18 section 10.6). All matches must hold.</summary>
public sealed record SearchRequest
{
    public required ProviderName Provider { get; init; }

    public required SearchLevel Level { get; init; }

    /// <summary>Searches only in this study, if the path names one.</summary>
    public StudyInstanceUid? Study { get; init; }

    /// <summary>Searches only in this series, if the path names one.</summary>
    public SeriesInstanceUid? Series { get; init; }

    public IReadOnlyList<AttributeMatch> Matches { get; init; } = [];

    /// <summary>
    /// A name matches if every word of the key begins a word of the name, ignoring case, accents and order (PS3.4 C.2.2.2.1).
    /// </summary>
    public bool FuzzyMatching { get; init; }

    /// <summary>The most rows to return, at least 1.</summary>
    public required int Limit { get; init; }

    public int Offset { get; init; }

    /// <summary>
    /// Continues after <see cref="SearchPage.End"/> of the page before: newer rows are not seen, and a page does not cost more than the one
    /// before.
    /// </summary>
    public SearchPosition? After { get; init; }

    /// <summary>
    /// Only for <see cref="SearchLevel.Study"/>: of the studies with one Patient ID (0010,0020) only the newest is matched, and stands for
    /// the patient.
    /// </summary>
    /// <remarks>A study without Patient ID belongs to an unknown patient and stands for itself.</remarks>
    public bool NewestOfPatient { get; init; }

    /// <summary>The caller needs <see cref="SearchRow.Patient"/>.</summary>
    public bool WithPatientCounts { get; init; }

    /// <summary>The caller needs <see cref="SearchRow.Metadata"/> of instances, to return attributes that no index holds.</summary>
    public bool WithMetadata { get; init; }
}

/// <summary>One page of a search.</summary>
/// <param name="Rows">At most <see cref="SearchRequest.Limit"/> rows, fewer if they are large; at least one if any matches.</param>
/// <param name="HasMore">More rows match after these.</param>
public sealed record SearchPage(IReadOnlyList<SearchRow> Rows, bool HasMore)
{
    /// <summary>Where the next page begins; null if this one is empty.</summary>
    public SearchPosition? End { get; init; }
}

/// <summary>A position in the order of a search; the numbers are those of the store, 0 below the level of the search.</summary>
public sealed record SearchPosition(long Study, long Series, long Instance);

/// <summary>A match with the attributes of its level and above.</summary>
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

    /// <summary>Only on request; null for a study without Patient ID, too.</summary>
    public PatientCounts? Patient { get; init; }

    public SeriesInstanceUid? Series { get; init; }

    public DicomDataset? SeriesAttributes { get; init; }

    /// <summary>(0020,1209)</summary>
    public int SeriesInstanceCount { get; init; }

    public InstanceState? Instance { get; init; }

    public DicomDataset? InstanceAttributes { get; init; }

    /// <summary>As in <see cref="InstanceContent.Metadata"/>; only on request.</summary>
    public StoredBlob Metadata { get; init; } = StoredBlob.Empty;
}

/// <summary>The counts of the storage space for the patient whom the Patient ID of a study names.</summary>
/// <param name="Studies">(0020,1200)</param>
/// <param name="Series">(0020,1202)</param>
/// <param name="Instances">(0020,1204)</param>
public sealed record PatientCounts(int Studies, int Series, int Instances);

/// <summary>
/// The limits of one search over QIDO-RS and C-FIND: more than clients use, and few enough for one statement of every store.
/// </summary>
public static class SearchLimits
{
    /// <summary>Values of all keys together: more than the list of UIDs of a large study, fewer than a statement takes.</summary>
    public const int Values = 10_000;

    /// <summary>Values of one key that is a name or a text; each name is a separate condition.</summary>
    public const int TextsOfKey = 64;

    /// <summary>Characters of one value: longer than any VR that is matched allows.</summary>
    public const int TextLength = 1_024;

    /// <summary>
    /// Words of the names and texts of all keys together; with fuzzy matching each word of a name is a separate condition.
    /// </summary>
    public const int Words = 256;

    /// <summary>Parameters of a QIDO-RS request: most of them are a condition or a returned attribute each.</summary>
    public const int Parameters = 512;

    /// <summary>Attributes named by includefield.</summary>
    public const int IncludedFields = 512;

    /// <summary>Warning headers of a QIDO-RS answer.</summary>
    public const int Warnings = 10;
}
