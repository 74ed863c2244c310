using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Search;

namespace ImagingIngestion.Gateways.Dimse.Find;

/// <summary>The identifier of a C-FIND as understood.</summary>
internal sealed record FindQuery
{
    public required QueryModel Model { get; init; }

    public required QueryLevel Level { get; init; }

    public required IReadOnlyList<AttributeMatch> Matches { get; init; }

    /// <summary>The elements to return, whether they were matched or not, in the order of their tags.</summary>
    public required IReadOnlyList<DicomElement> Keys { get; init; }

    public bool IsFuzzy { get; init; }

    /// <summary>A key is not matched though it has a value, or not known at the level: FF01 in place of FF00.</summary>
    public bool HasUnsupportedKeys { get; init; }

    /// <summary>That of the identifier; answers come in it where they can.</summary>
    public SpecificCharacterSet CharacterSet { get; init; } = SpecificCharacterSet.Default;

    public SearchRequest ToRequest(ProviderName provider, int limit) => new()
    {
        Provider = provider,
        Level = Level switch { QueryLevel.Series => SearchLevel.Series, QueryLevel.Image => SearchLevel.Instance, _ => SearchLevel.Study },
        Matches = Matches,
        FuzzyMatching = IsFuzzy,
        NewestOfPatient = Level == QueryLevel.Patient,
        WithPatientCounts = Keys.Any(key => FindKeys.IsPatientCount(key.Tag)),
        Limit = limit,
        WithMetadata = Level == QueryLevel.Image && Keys.Any(key => FindKeys.IsOnlyInMetadata(key.Tag)),
    };
}
