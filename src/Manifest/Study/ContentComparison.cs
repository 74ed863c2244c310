using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Study;

/// <summary>Whether the arriving instance has, element by element, the content that is stored with the given hash in another uncompressed transfer syntax.</summary>
public sealed record ContentComparison(ContentHash Stored, bool IsEqual);
