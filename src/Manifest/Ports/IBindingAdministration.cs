namespace ImagingIngestion.Manifest.Ports;

/// <summary>The view of an operator on bindings and their dead letters.</summary>
public interface IBindingAdministration
{
    /// <summary>Lists all registered bindings by name.</summary>
    Task<IReadOnlyList<BindingStatus>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Pauses or resumes claiming; events still become deliveries. Returns false if there is no such binding.</summary>
    Task<bool> SetPausedAsync(string binding, bool isPaused, CancellationToken cancellationToken);

    /// <summary>Removes a binding with all its deliveries, a part at a time; returns false if there is no such binding.</summary>
    /// <remarks>If that fails on the way, the binding still exists and must be removed again.</remarks>
    Task<bool> RemoveAsync(string binding, CancellationToken cancellationToken);

    /// <summary>Lists dead letters in the order of their ids, after a given one.</summary>
    Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(string binding, long after, int limit, CancellationToken cancellationToken);

    Task<DeadLetter?> FindDeadLetterAsync(string binding, long id, CancellationToken cancellationToken);

    /// <summary>Delivers dead letters again, with all attempts; all of the binding without an id. Returns how many.</summary>
    Task<int> ReplayAsync(string binding, long? id, CancellationToken cancellationToken);

    /// <summary>Deletes dead letters; all of the binding without an id. Returns how many.</summary>
    Task<int> DropAsync(string binding, long? id, CancellationToken cancellationToken);
}

/// <summary>A binding as an operator sees it.</summary>
public sealed record BindingStatus
{
    public required string Name { get; init; }

    public required string Kind { get; init; }

    public required bool IsPaused { get; init; }

    /// <summary>The number of the last event that was turned into deliveries.</summary>
    public required long Cursor { get; init; }

    /// <summary>The snapshot of a binding that starts from the beginning is not complete yet.</summary>
    public required bool IsInSnapshot { get; init; }

    /// <summary>Deliveries that wait or are claimed.</summary>
    public required long Waiting { get; init; }

    public required long DeadLetters { get; init; }

    /// <summary>When the oldest waiting delivery was created; null if none waits.</summary>
    public DateTimeOffset? OldestWaitingSince { get; init; }
}

/// <summary>A delivery that is given up until an operator replays or drops it.</summary>
/// <param name="Delivery">The delivery.</param>
/// <param name="DeadSince">When it was given up.</param>
/// <param name="Error">Why.</param>
public sealed record DeadLetter(Delivery Delivery, DateTimeOffset DeadSince, string Error);
