using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>An instance with the study that it belongs to, as a check of the content lists it.</summary>
public sealed record ListedInstance(InstancePosition Position, StudyInstanceUid Study, InstanceState State);

/// <summary>Where the row of an instance stands; a listing goes on behind it.</summary>
public readonly record struct InstancePosition(long Study, long Series, long Number, long Row)
{
    /// <summary>Before every row, also before those whose number is negative.</summary>
    public static InstancePosition Start { get; } = new(0, 0, long.MinValue, 0);
}

/// <summary>How far a check of the content has come.</summary>
/// <param name="Position">The last instance that was checked.</param>
/// <param name="Objects">How many were checked since it began.</param>
/// <param name="BegunAt">When it began, by the clock of whoever runs it.</param>
public sealed record ContentProgress(InstancePosition Position, long Objects, DateTimeOffset BegunAt);
