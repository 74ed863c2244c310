namespace ImagingIngestion.Options;

/// <summary>TLS 1.2 or 1.3 towards a DIMSE target. Whether a file is PEM or PKCS12 is seen from its content.</summary>
public sealed record DimseTlsTargetOptions
{
    /// <summary>Our certificate; null shows none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The private key in PEM, where it is not in <see cref="CertificateFile"/>.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The password of a PKCS12 file or of an encrypted key.</summary>
    public string? CertificatePassword { get; init; }

    /// <summary>Certificates to trust for the target instead of those of the system.</summary>
    public string? AuthoritiesFile { get; init; }

    /// <summary>The password of authorities in PKCS12.</summary>
    public string? AuthoritiesPassword { get; init; }

    public bool AllowsTls12 { get; init; } = true;

    public bool AllowsTls13 { get; init; } = true;

    /// <summary>Takes any certificate of the target. Warned of at start.</summary>
    public bool InsecureSkipVerify { get; init; }
}
