using System.Net;

namespace ImagingIngestion.Bindings.Webhook;

/// <summary>A body that is in memory in several parts.</summary>
internal sealed class PartsContent(IReadOnlyList<ReadOnlyMemory<byte>> parts) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            await stream.WriteAsync(part, cancellationToken);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = parts.Sum(part => (long)part.Length);
        return true;
    }
}
