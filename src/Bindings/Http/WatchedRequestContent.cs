using System.Net;

namespace ImagingIngestion.Bindings.Http;

/// <summary>The body of a request, each write of which is watched; once it is sent, the answer is waited for.</summary>
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

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

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
