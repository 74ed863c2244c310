namespace ImagingIngestion.Bindings.Http;

/// <summary>Ends a request whose peer makes no progress, or too little, at taking the body or at sending the answer. Connecting has a timeout of its own.</summary>
internal sealed class PeerTimeoutHandler(WaitLimits limits, TimeProvider time) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        PeerWatch watch = new(limits, request.RequestUri!.Authority, time, cancellationToken);
        HttpContent? content = request.Content;
        try
        {
            if (content is null)
            {
                watch.BeginAnswer();
            }
            else
            {
                request.Content = new WatchedRequestContent(content, watch);
            }

            HttpResponseMessage response = await base.SendAsync(request, watch.Token);
            watch.End(bytes: 0);
            response.Content = new WatchedResponseContent(response.Content, watch);
            return response;
        }
        catch (Exception exception) when (watch.HasExpired && !cancellationToken.IsCancellationRequested)
        {
            watch.Dispose();
            throw watch.Expired(exception);
        }
        catch
        {
            watch.Dispose();
            throw;
        }
        finally
        {
            // The request may be sent again, and its owner disposes of the content.
            request.Content = content;
        }
    }
}
