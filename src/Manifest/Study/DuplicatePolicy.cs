namespace ImagingIngestion.Manifest.Study;

/// <summary>What happens to an instance that arrives with an identity that is stored with other content.</summary>
public enum DuplicatePolicy
{
    /// <summary>The newer content replaces the stored one and is a modification in the next revision.</summary>
    Replace,

    /// <summary>The stored content stays; the sender hears success with a warning.</summary>
    KeepFirst,

    /// <summary>The stored content stays; the sender hears failure 0111.</summary>
    Reject,
}
