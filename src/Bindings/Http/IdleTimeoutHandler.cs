namespace ImagingIngestion.Bindings;

/// <summary>Ends a request whose target makes no progress: takes nothing of the body, or sends nothing of the answer. Connecting has a timeout of its own.</summary>
internal sealed class IdleTimeoutHandler(TimeSpan limit, TimeProvider time) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        IdleWatch watch = new(limit, time, cancellationToken);
        HttpContent? content = request.Content;
        try
        {
            if (content is null)
            {
                watch.Begin();
            }
            else
            {
                request.Content = new IdleRequestContent(content, watch);
            }

            HttpResponseMessage response = await base.SendAsync(request, watch.Token);
            watch.End();
            response.Content = new IdleResponseContent(response.Content, watch);
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
