using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Events;

/// <summary>An event as a grain decides it. It gets its number with or after the commit that causes it (docs/design.md, Events).</summary>
public sealed record EventDraft
{
    public required EventType Type { get; init; }

    /// <summary>The instance it is about; null for a study revision.</summary>
    public InstanceId? Instance { get; init; }

    /// <summary>Whether the instance was added or replaced other content; null for a study revision.</summary>
    public ChangeKind? Change { get; init; }

    /// <summary>The settled revision of the study; null for an instance.</summary>
    public int? Revision { get; init; }

    /// <summary>Values of Modality (0008,0060) of the instance, or of all series of the study; bindings filter by them.</summary>
    public IReadOnlyList<string> Modalities { get; init; } = [];

    /// <summary>The calling AE title that brought the instance; null when it came over HTTP, and for a study revision.</summary>
    public string? CallingAeTitle { get; init; }

    /// <summary>The object that the instance was stored under; null for a study revision.</summary>
    public ObjectKey? Object { get; init; }

    /// <summary>The remaining data of the event, packed by <see cref="EventData"/>; empty if there is none.</summary>
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

/// <summary>The names of the events for subscribers: <c>ce-type</c>, and <c>types=</c> of the change feed.</summary>
public static class EventTypes
{
    public static IReadOnlyList<EventType> All { get; } = [EventType.ImageStored, EventType.DicomAvailable, EventType.StudyRevision];

    public static string Name(this EventType type) => type switch
    {
        EventType.ImageStored => "ImageStoredEvent",
        EventType.DicomAvailable => "DicomAvailableEvent",
        EventType.StudyRevision => "StudyRevisionEvent",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>Finds a type by its name, ignoring case.</summary>
    public static bool TryParse(string name, out EventType type)
    {
        foreach (EventType known in All)
        {
            if (string.Equals(known.Name(), name, StringComparison.OrdinalIgnoreCase))
            {
                type = known;
                return true;
            }
        }

        type = default;
        return false;
    }
}

/// <summary>The kinds of events. Their numbers are stored.</summary>
public enum EventType
{
    /// <summary>An instance was stored or replaced, with its attributes.</summary>
    ImageStored = 1,

    /// <summary>An instance can be retrieved.</summary>
    DicomAvailable = 2,

    /// <summary>A study has settled into a revision.</summary>
    StudyRevision = 3,
}
