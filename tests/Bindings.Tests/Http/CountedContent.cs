using System.Net;

namespace ImagingIngestion.Bindings.Tests.Http;

/// <summary>A body that counts how often it was written.</summary>
internal sealed class CountedContent : HttpContent
{
    public const int Length = 1000;

    public int Writes { get; private set; }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        Writes++;
        await stream.WriteAsync(new byte[Length]);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
