namespace ImagingIngestion.Options;

/// <summary>Whether peers that connect over TLS show a certificate.</summary>
public enum DimseClientCertificateRule
{
    /// <summary>They are not asked.</summary>
    None,

    /// <summary>One that is shown must be valid.</summary>
    Optional,

    /// <summary>A valid one must be shown.</summary>
    Required,
}
