namespace ImagingIngestion.Options;

/// <summary>How a target of a binding is called over HTTP. At most one way of authorisation is set.</summary>
public sealed record HttpTargetOptions
{
    /// <summary>Absolute, http or https, without credentials in it.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Basic authorisation (RFC 7617).</summary>
    public string? Username { get; init; }

    public string? Password { get; init; }

    /// <summary>A bearer token (RFC 6750).</summary>
    public string? Token { get; init; }

    /// <summary>A file that holds the bearer token; read again when it changes.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The token endpoint for OAuth 2.0 client credentials (RFC 6749 section 4.4).</summary>
    public Uri? OAuth2TokenUrl { get; init; }

    public string? OAuth2ClientId { get; init; }

    public string? OAuth2ClientSecret { get; init; }

    /// <summary>The scopes to ask for, parted by spaces.</summary>
    public string? OAuth2Scope { get; init; }

    /// <summary>The client certificate: PEM, or PKCS12.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>The private key in PEM, where it is not in <see cref="ClientCertificateFile"/>.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>The password of a PKCS12 file or of an encrypted key.</summary>
    public string? ClientCertificatePassword { get; init; }

    /// <summary>Certificates (PEM) to trust for the target instead of those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>Takes any certificate of the target. Warned of at start.</summary>
    public bool InsecureSkipVerify { get; init; }

    /// <summary>How long connecting may take, TLS included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the target may take nothing of a request and send nothing of an answer.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long the target may keep us waiting in all, within the body of a request and again within its answer, beyond the time that bytes
    /// need at the least pace.
    /// </summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromMinutes(5);
}
