using System.Net;

namespace ImagingIngestion.Bindings.Http;

/// <summary>Sends requests that are whole in memory and reads their answers; a failure is a reply too.</summary>
/// <param name="client">Sends, and ends a request that makes no progress.</param>
/// <param name="memory">The memory for long answers; null if none is read.</param>
/// <param name="time">The clock.</param>
internal sealed class TargetCaller(HttpClient client, AnswerMemory? memory, TimeProvider time)
{
    /// <summary>Sends and disposes the request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="maxBody">The most bytes of the answer's body; a longer one is not returned.</param>
    /// <param name="cancellationToken">Cancels the call; the only reason to throw.</param>
    public async Task<TargetReply> SendAsync(HttpRequestMessage request, int maxBody, CancellationToken cancellationToken)
    {
        using HttpRequestMessage owned = request;
        try
        {
            using HttpResponseMessage response =
                await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return new TargetReply
            {
                Status = response.StatusCode,
                Content = await CappedBody.ReadAsync(response.Content, maxBody, memory, cancellationToken),
                ETag = response.Headers.ETag?.Tag,
                Location = response.Headers.Location,
                RetryAfter = TargetFaults.RetryAfter(response.Headers, time),
            };
        }
        catch (Exception exception) when (TargetFaults.IsNetworkFault(exception, cancellationToken))
        {
            return new TargetReply { Fault = TargetFaults.Describe(exception, request.RequestUri!) };
        }
    }
}

/// <summary>The answer of a target to one request, or why there is none. Holds the place of a long answer until it is disposed.</summary>
internal sealed record TargetReply : IDisposable
{
    /// <summary>Null without an answer.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>Why there is no answer, or only a part of one, as a sentence; null for a whole answer.</summary>
    public string? Fault { get; init; }

    /// <summary>Null without an answer.</summary>
    public CappedBody? Content { get; init; }

    public ReadOnlyMemory<byte> Body => Content?.Bytes ?? [];

    /// <summary>The body was longer than the limit; <see cref="Body"/> is empty.</summary>
    public bool IsTooLong => Content is { Bytes: null };

    /// <summary>The entity tag as it was sent.</summary>
    public string? ETag { get; init; }

    public Uri? Location { get; init; }

    /// <summary>How long the target asked to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public bool IsSuccess => Fault is null && (int?)Status is >= 200 and <= 299;

    /// <summary>The status as a number; 0 without an answer.</summary>
    public int Code => (int)(Status ?? 0);

    public void Dispose() => Content?.Dispose();
}
