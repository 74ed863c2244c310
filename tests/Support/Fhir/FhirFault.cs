namespace ImagingIngestion.Tests;

/// <summary>A fault of a <see cref="FhirServer"/>, for one request.</summary>
internal sealed record FhirFault
{
    /// <summary>The method of the affected request; null for any.</summary>
    public string? Method { get; init; }

    /// <summary>The status of the answer instead.</summary>
    public int Status { get; init; } = 503;

    /// <summary>The server carries out the request before that answer.</summary>
    public bool HappensAfter { get; init; }

    /// <summary>The server never answers.</summary>
    public bool Hangs { get; init; }

    /// <summary>The server cuts the connection.</summary>
    public bool Cuts { get; init; }

    /// <summary>Seconds of a Retry-After header.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The body of the answer.</summary>
    public string? Body { get; init; }
}
