using System.Net;

namespace ImagingIngestion.Bindings.Http;

/// <summary>Ends a request whose peer takes the body or sends the answer too slowly. Connecting has its own timeout.</summary>
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
            // The request may be sent again, and its owner disposes the content.
            request.Content = content;
        }
    }
}

/// <summary>The body of a request with a watch over each write; once it is sent, the wait for the answer begins.</summary>
internal sealed class WatchedRequestContent(HttpContent inner, PeerWatch watch) : WrappedContent(inner)
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await Inner.CopyToAsync(new WatchedStream(stream, watch), context, cancellationToken);
        watch.BeginAnswer();
    }
}

/// <summary>The body of an answer with a watch over each read.</summary>
internal sealed class WatchedResponseContent(HttpContent inner, PeerWatch watch) : WrappedContent(inner)
{
    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken)
        => new WatchedStream(await Inner.ReadAsStreamAsync(cancellationToken), watch);

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using Stream source = await CreateContentReadStreamAsync(cancellationToken);
        await source.CopyToAsync(stream, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Inner.Dispose();
            watch.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>A stream to or from a peer with a watch over every read and write.</summary>
internal sealed class WatchedStream(Stream inner, PeerWatch watch) : WrappedStream(inner)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, watch.Token);
        int read = 0;
        watch.Begin();
        try
        {
            return read = await Inner.ReadAsync(buffer, both.Token);
        }
        catch (Exception exception) when (watch.HasExpired && !cancellationToken.IsCancellationRequested)
        {
            throw watch.Expired(exception);
        }
        finally
        {
            watch.End(read);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // The watch ends the request as a whole, and its writes with it.
        watch.Begin();
        await Inner.WriteAsync(buffer, cancellationToken);
        watch.End(buffer.Length);
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        watch.Begin();
        await Inner.FlushAsync(cancellationToken);
        watch.End(bytes: 0);
    }
}
