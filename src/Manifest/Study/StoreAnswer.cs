using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Study;

/// <summary>The answer to an <see cref="InstanceArrival"/>, given only after its commit is durable.</summary>
/// <param name="Outcome">What was decided.</param>
/// <param name="Committed">
/// The row that the manifest holds now; null when it holds none. The gateway may delete its own object only when this names another.
/// </param>

public sealed record StoreAnswer(StoreOutcome Outcome, InstanceState? Committed)
{
    /// <summary>
    /// Another attempt of the same call was cut off and may still be committed, with the arriving object in the row: the object is the
    /// sweeper's then, whatever <see cref="Committed"/> names. The caller's side of a call between processes sets it.
    /// </summary>
    public bool MayCommitLater { get; init; }
}
