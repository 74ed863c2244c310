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

/// <summary>What a study grain made of an arriving instance.</summary>
public enum StoreOutcome
{
    /// <summary>New: the manifest names its object.</summary>
    Added,

    /// <summary>
    /// The same content is already stored; nothing changed. The arriving object is not needed if the committed one is good.
    /// </summary>
    Duplicate,

    /// <summary>Other content was stored under this identity and is now replaced, by policy or because its object was damaged.</summary>
    Replaced,

    /// <summary>Other content is stored under this identity and stays, by policy; success with a warning.</summary>
    KeptFirst,

    /// <summary>Other content is stored under this identity and stays, by policy; failure 0111.</summary>
    Rejected,

    /// <summary>
    /// Nothing decided: the stored instance has another uncompressed syntax; compare both objects and send again with the comparison.
    /// </summary>
    CompareContent,

    /// <summary>The upload is older than six hours; send the instance again.</summary>
    UploadTooOld,

    /// <summary>The store refused a value of this instance.</summary>
    Refused,

    /// <summary>
    /// The same content was stored in a damaged object, whose place the arriving one has taken: no change of the study, of which no
    /// revision and no event tells.
    /// </summary>
    Repaired,
}
