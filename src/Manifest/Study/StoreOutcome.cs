namespace ImagingIngestion.Manifest.Study;

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
