namespace ImagingIngestion.Bindings.Http;

/// <summary>Sends requests that are whole in memory and reads their answers; whatever fails is a reply too.</summary>
/// <param name="client">Sends, and ends a request that makes no progress.</param>
/// <param name="memory">For long answers; null where none is read.</param>
/// <param name="time">Tells the time.</param>
internal sealed class TargetCaller(HttpClient client, AnswerMemory? memory, TimeProvider time)
{
    /// <summary>Sends and disposes the request.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="maxBody">The most bytes that the answer's body may have; a longer one is not given.</param>
    /// <param name="cancellationToken">Gives up; the only thing that is thrown.</param>
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
