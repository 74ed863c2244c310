namespace ImagingIngestion.Grains.Study;

/// <summary>Who waits for the answer of a call, and for how long.</summary>
/// <param name="Token">Cancelled when the caller gives up.</param>
internal readonly record struct TurnCaller(CancellationToken Token)
{
    /// <summary>Where the caller gives up at a certain time; null where only the token says so.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>That time, as a timestamp of the clock.</summary>
    public long GivesUpAt { get; init; }

    /// <summary>The call was given on by another silo: it is decided here.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>
    /// The caller no longer waits. The clock counts as well as the token: after a freeze of the process it is right at once, the token only
    /// soon.
    /// </summary>
    public bool HasLeft => Token.IsCancellationRequested || (Clock is not null && Clock.GetTimestamp() >= GivesUpAt);
}
