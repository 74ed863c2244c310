namespace ImagingIngestion.Manifest.Ports;

/// <summary>Why an object store failed.</summary>
public enum ObjectStoreFault
{
    /// <summary>A passing or unknown fault.</summary>
    Unavailable,

    /// <summary>No space is left.</summary>
    Full,

    /// <summary>The store may only be read, or access is denied.</summary>
    ReadOnly,

    /// <summary>There is no object with this key.</summary>
    NotFound,
}
