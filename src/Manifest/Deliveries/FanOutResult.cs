namespace ImagingIngestion.Manifest.Deliveries;

/// <summary>What a turn of events into deliveries did.</summary>
/// <param name="Cursor">The number of the last event that was looked at.</param>
/// <param name="HasMore">More events, or more of the snapshot, wait.</param>
public readonly record struct FanOutResult(long Cursor, bool HasMore);
