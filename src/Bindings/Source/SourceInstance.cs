namespace ImagingIngestion.Bindings;

/// <summary>An instance on its way from the source: its bytes have to be read soon.</summary>
internal sealed class SourceInstance(HttpResponseMessage response, Stream content, IdleWatch watch) : IDisposable
{
    /// <summary>The Part 10 file; ends only when it is complete, and fails when the source breaks off.</summary>
    public Stream Content => content;

    /// <summary>Bytes of the file; null where the source does not say.</summary>
    public long? Length => response.Content.Headers.ContentLength;

    public void Dispose()
    {
        content.Dispose();
        response.Dispose();
        watch.Dispose();
    }
}
