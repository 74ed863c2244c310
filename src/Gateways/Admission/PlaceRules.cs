namespace ImagingIngestion.Gateways.Admission;

/// <summary>When a place is lost while others wait for one.</summary>
/// <param name="Window">How long a sender is observed, and a peer waits before it gets a place of another.</param>
/// <param name="LeastPerSecond">Bytes a second that a sender must reach.</param>
internal sealed record PlaceRules(TimeSpan Window, long LeastPerSecond);
