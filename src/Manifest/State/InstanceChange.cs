namespace ImagingIngestion.Manifest.State;

/// <summary>An instance row to write.</summary>
public sealed record InstanceChange(InstanceState State, InstanceContent Content);
