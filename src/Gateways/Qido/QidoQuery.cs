using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.Search;

namespace ImagingIngestion.Gateways.Qido;

/// <summary>The parameters of a search (PS3.18 section 8.3.4) as understood.</summary>
internal sealed record QidoQuery
{
    public IReadOnlyList<AttributeMatch> Matches { get; init; } = [];

    /// <summary>Attributes to return besides those of the level: every key that was asked for, and the includefields.</summary>
    public IReadOnlyList<DicomTag> Requested { get; init; } = [];

    /// <summary><c>includefield=all</c>: everything that is known at the level.</summary>
    public bool IncludeAll { get; init; }

    public bool FuzzyMatching { get; init; }

    /// <summary>Rows to answer with; 0 is allowed and only tells whether there are any.</summary>
    public int Limit { get; init; }

    public int Offset { get; init; }

    /// <summary>What was not honoured, one sentence each, for Warning headers.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
