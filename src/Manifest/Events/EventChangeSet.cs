namespace ImagingIngestion.Manifest.Events;

/// <summary>The instances that a revision adds, deletes and modifies, as <c>series/instance</c>; each stands in one list only.</summary>
public sealed record EventChangeSet(IReadOnlyList<string> Additions, IReadOnlyList<string> Deletions, IReadOnlyList<string> Modifications);
