namespace ImagingIngestion.Manifest.Events;

/// <summary>The names under which subscribers know the events: <c>ce-type</c>, and <c>types=</c> of the change feed.</summary>
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

    /// <summary>Finds a type by its name, in any case.</summary>
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
