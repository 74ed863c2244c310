namespace ImagingIngestion.Manifest.Deliveries;

/// <summary>A binding as an operator sees it.</summary>
public sealed record BindingStatus
{
    public required string Name { get; init; }

    public required string Kind { get; init; }

    public required bool IsPaused { get; init; }

    /// <summary>The number of the last event that was turned into deliveries.</summary>
    public required long Cursor { get; init; }

    /// <summary>The snapshot of a binding that started from the beginning is not through yet.</summary>
    public required bool IsInSnapshot { get; init; }

    /// <summary>Deliveries that wait or are on their way.</summary>
    public required long Waiting { get; init; }

    public required long DeadLetters { get; init; }

    /// <summary>When the oldest delivery that waits came up; null when none waits.</summary>
    public DateTimeOffset? OldestWaitingSince { get; init; }
}
