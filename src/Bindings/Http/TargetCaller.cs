namespace ImagingIngestion.Bindings;

/// <summary>Sends requests that are whole in memory and reads their answers; whatever fails is a reply too.</summary>
/// <param name="client">Sends, and ends a request that makes no progress.</param>
/// <param name="idleTimeout">How long a request may make none.</param>
/// <param name="time">Tells the time.</param>
internal sealed class TargetCaller(HttpClient client, TimeSpan idleTimeout, TimeProvider time)
{
    /// <summary>Idle timeouts after which a request ends although it makes progress: a target that drips holds a place, too.</summary>
    private const int LongestInIdleTimeouts = 10;

    /// <summary>Sends and disposes the request.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="maxBody">The most bytes that the answer's body may have; a longer one is not given.</param>
    /// <param name="cancellationToken">Gives up; the only thing that is thrown.</param>
    public async Task<TargetReply> SendAsync(HttpRequestMessage request, int maxBody, CancellationToken cancellationToken)
    {
        using HttpRequestMessage owned = request;
        using CancellationTokenSource timer = new(idleTimeout * LongestInIdleTimeouts, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            byte[]? body = await CappedBody.ReadAsync(response.Content, maxBody, either.Token);
            return new TargetReply
            {
                Status = response.StatusCode,
                Body = body ?? [],
                IsTooLong = body is null,
                ETag = response.Headers.ETag?.Tag,
                Location = response.Headers.Location,
                RetryAfter = TargetFaults.RetryAfter(response.Headers, time),
            };
        }
        catch (Exception exception) when (TargetFaults.IsNetworkFault(exception, cancellationToken))
        {
            string fault = timer.IsCancellationRequested
                ? $"{request.RequestUri!.Authority} did not complete its answer within {idleTimeout * LongestInIdleTimeouts}."
                : TargetFaults.Describe(exception, request.RequestUri!);
            return new TargetReply { Fault = fault };
        }
    }
}
