using System.Net;
using System.Net.Http.Headers;

namespace ImagingIngestion.EndToEnd.Tests.Memory;

/// <summary>The body of a store request that is sent piece by piece, so that many of them share their bytes.</summary>
internal sealed class PiecesContent : HttpContent
{
    private readonly ReadOnlyMemory<byte>[] _pieces;

    public PiecesContent(ReadOnlyMemory<byte>[] pieces)
    {
        _pieces = pieces;
        Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        foreach (ReadOnlyMemory<byte> piece in _pieces)
        {
            await stream.WriteAsync(piece);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _pieces.Sum(piece => piece.Length);
        return true;
    }
}
