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
internal sealed class WatchedRequestContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly PeerWatch _watch;

    public WatchedRequestContent(HttpContent inner, PeerWatch watch)
    {
        _inner = inner;
        _watch = watch;
        foreach ((string name, IEnumerable<string> values) in inner.Headers)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await _inner.CopyToAsync(new WatchedStream(stream, _watch), context, cancellationToken);
        _watch.BeginAnswer();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }
}

/// <summary>The body of an answer with a watch over each read.</summary>
internal sealed class WatchedResponseContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly PeerWatch _watch;

    public WatchedResponseContent(HttpContent inner, PeerWatch watch)
    {
        _inner = inner;
        _watch = watch;
        foreach ((string name, IEnumerable<string> values) in inner.Headers)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken)
        => new WatchedStream(await _inner.ReadAsStreamAsync(cancellationToken), _watch);

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using Stream source = await CreateContentReadStreamAsync(cancellationToken);
        await source.CopyToAsync(stream, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            _watch.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>A stream to or from a peer with a watch over every read and write.</summary>
internal sealed class WatchedStream(Stream inner, PeerWatch watch) : Stream
{
    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, watch.Token);
        int read = 0;
        watch.Begin();
        try
        {
            return read = await inner.ReadAsync(buffer, both.Token);
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
        await inner.WriteAsync(buffer, cancellationToken);
        watch.End(buffer.Length);
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        watch.Begin();
        await inner.FlushAsync(cancellationToken);
        watch.End(bytes: 0);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
