using System.Net;

namespace ImagingIngestion.Bindings.Http;

/// <summary>
/// What a target answered to one request, or why there is no answer. Holds the place of a long answer until it is disposed of.
/// </summary>
internal sealed record TargetReply : IDisposable
{
    /// <summary>Null when there was no answer.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>Why there is none, or only a part of one, as a sentence; null for a whole answer.</summary>
    public string? Fault { get; init; }

    /// <summary>Null when there was no answer.</summary>
    public CappedBody? Content { get; init; }

    public ReadOnlyMemory<byte> Body => Content?.Bytes ?? [];

    /// <summary>The body was longer than what is read of one; <see cref="Body"/> is empty.</summary>
    public bool IsTooLong => Content is { Bytes: null };

    /// <summary>The entity tag as it was sent.</summary>
    public string? ETag { get; init; }

    public Uri? Location { get; init; }

    /// <summary>How long the target asked to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public bool IsSuccess => Fault is null && (int?)Status is >= 200 and <= 299;

    /// <summary>The status as a number, 0 when there was no answer.</summary>
    public int Code => (int)(Status ?? 0);

    public void Dispose() => Content?.Dispose();
}
