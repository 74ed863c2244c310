using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Events;

/// <summary>An event as a grain decides it: it gets its number with, or after, the commit that causes it (design D5).</summary>
public sealed record EventDraft
{
    public required EventType Type { get; init; }

    /// <summary>The instance it is about; null for a study revision.</summary>
    public InstanceId? Instance { get; init; }

    /// <summary>Whether the instance was added or replaced other content; null for a study revision.</summary>
    public ChangeKind? Change { get; init; }

    /// <summary>The revision that the study settled into; null for an instance.</summary>
    public int? Revision { get; init; }

    /// <summary>Values of Modality (0008,0060) of the instance, or of all series of the study: what bindings filter by.</summary>
    public IReadOnlyList<string> Modalities { get; init; } = [];

    /// <summary>The calling AE title that brought the instance; null when it came over HTTP, and for a study revision.</summary>
    public string? CallingAeTitle { get; init; }

    /// <summary>The object that the instance was stored under; null for a study revision.</summary>
    public ObjectKey? Object { get; init; }

    /// <summary>What the event says beyond that, as <see cref="EventData"/> packs it; empty where there is nothing.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }
}

/// <summary>What happened to an instance. The numbers are stored.</summary>
public enum ChangeKind
{
    /// <summary>It was not there before, or had been deleted.</summary>
    Addition = 1,

    /// <summary>It replaced other content.</summary>
    Modification = 2,
}
