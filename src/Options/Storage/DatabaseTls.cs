namespace ImagingIngestion.Options;

/// <summary>How connections to PostgreSQL are encrypted.</summary>
public enum DatabaseTls
{
    /// <summary>Where the server offers it; who sits between the two can take it away unnoticed.</summary>
    Prefer,

    /// <summary>Never.</summary>
    Disable,

    /// <summary>Always, whoever the server is.</summary>
    Require,

    /// <summary>Always, and the certificate of the server must come from an authority that is trusted.</summary>
    VerifyCA,

    /// <summary>As <see cref="VerifyCA"/>, and the certificate must name the host.</summary>
    VerifyFull,
}
