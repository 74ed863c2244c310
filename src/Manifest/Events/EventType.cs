namespace ImagingIngestion.Manifest.Events;

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
