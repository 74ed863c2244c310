namespace ImagingIngestion.Manifest.Events;

/// <summary>A series of an <see cref="EventStudy"/>.</summary>
public sealed record EventSeries
{
    public required string SeriesInstanceUID { get; init; }

    /// <summary>Series Number (0020,0011), where it is a number.</summary>
    public long? Number { get; init; }

    public string? Modality { get; init; }

    public required IReadOnlyList<EventElement> Attributes { get; init; }

    public required IReadOnlyList<EventInstance> Instances { get; init; }

    /// <summary>The WADO-RS URL of the series as clients outside reach it; worked out when the event is delivered.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The storage space.</summary>
    public required string ProviderName { get; init; }
}
