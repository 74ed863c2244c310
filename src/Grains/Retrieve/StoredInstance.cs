namespace ImagingIngestion.Grains;

/// <summary>An instance as retrieves need it; the parts that were not asked for are empty.</summary>
/// <param name="State">The row.</param>
/// <param name="Metadata">As in <see cref="InstanceContent.Metadata"/>.</param>
/// <param name="Layout">As in <see cref="InstanceContent.Layout"/>.</param>
/// <param name="StudyVersion">The version of the study row in the same read: what aggregated answers derive their ETag from.</param>
public sealed record StoredInstance(InstanceState State, StoredBlob Metadata, StoredBlob Layout, long StudyVersion);
