namespace ImagingIngestion.Bindings.Source;

/// <summary>An instance on its way from the source: its bytes have to be read soon.</summary>
internal sealed class SourceInstance(HttpResponseMessage response, Stream content) : IDisposable
{
    private const int MiscellaneousWarning = 299;

    /// <summary>The Part 10 file; ends only when it is complete, and fails when the source breaks off.</summary>
    public Stream Content => content;

    /// <summary>Bytes of the file; null where the source does not say.</summary>
    public long? Length => response.Content.Headers.ContentLength;

    /// <summary>The source warns that not every reader can read the stored bytes under their transfer syntax.</summary>
    public bool IsIrregular => response.Headers.Warning.Any(warning => warning.Code == MiscellaneousWarning);

    public void Dispose()
    {
        content.Dispose();
        response.Dispose();
    }
}
