using System.Net;

namespace ImagingIngestion.Bindings;

/// <summary>The body of a request, each write of which is watched; once it is sent, the answer is waited for.</summary>
internal sealed class IdleRequestContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly IdleWatch _watch;

    public IdleRequestContent(HttpContent inner, IdleWatch watch)
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
        _watch.End();
        await _inner.CopyToAsync(new IdleStream(stream, _watch), context, cancellationToken);
        _watch.Begin();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }
}
