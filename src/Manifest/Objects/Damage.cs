namespace ImagingIngestion.Manifest.Objects;

/// <summary>What is wrong with an object.</summary>
public enum Damage
{
    /// <summary>It is there and has the bytes that were stored.</summary>
    None,

    /// <summary>There is no object with this key.</summary>
    Missing,

    /// <summary>It is shorter or longer than what was stored.</summary>
    Length,

    /// <summary>It has the length of what was stored, and other bytes.</summary>
    Content,
}
