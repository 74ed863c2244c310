namespace ImagingIngestion.Grains;

/// <summary>What a study grain made of an arriving instance.</summary>
public enum StoreOutcome
{
    /// <summary>New: the manifest names its object.</summary>
    Added,

    /// <summary>The same content is already stored; nothing changed, the arriving object is not needed.</summary>
    Duplicate,

    /// <summary>Other content was stored under this identity and is now replaced.</summary>
    Replaced,

    /// <summary>Other content is stored under this identity and stays, by policy; success with a warning.</summary>
    KeptFirst,

    /// <summary>Other content is stored under this identity and stays, by policy; failure 0111.</summary>
    Rejected,

    /// <summary>Nothing decided: the stored instance has another uncompressed syntax; compare both objects and send again with the comparison.</summary>
    CompareContent,

    /// <summary>The upload is older than six hours; send the instance again.</summary>
    UploadTooOld,

    /// <summary>The store refused a value of this instance.</summary>
    Refused,
}
