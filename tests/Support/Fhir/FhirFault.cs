namespace ImagingIngestion.Tests;

/// <summary>A bad moment of a <see cref="FhirServer"/>, for one request.</summary>
internal sealed record FhirFault
{
    /// <summary>The request that it happens to: its method, null for any.</summary>
    public string? Method { get; init; }

    /// <summary>What is answered instead.</summary>
    public int Status { get; init; } = 503;

    /// <summary>The request is carried out before that answer.</summary>
    public bool HappensAfter { get; init; }

    /// <summary>Nothing is ever answered.</summary>
    public bool Hangs { get; init; }

    /// <summary>The connection is cut.</summary>
    public bool Cuts { get; init; }

    /// <summary>Seconds of a Retry-After header.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The body of the answer.</summary>
    public string? Body { get; init; }
}
