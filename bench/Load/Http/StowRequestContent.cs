using System.Net;
using System.Net.Http.Headers;
using ImagingIngestion.Load.Generator;

namespace ImagingIngestion.Load.Http;

/// <summary>A STOW-RS request body (PS3.18 section 10.5) that is made while it is sent.</summary>
public sealed class StowRequestContent : HttpContent
{
    private readonly InstanceWriter _writer;
    private readonly long _firstIndex;
    private readonly int _count;
    private readonly bool _isChunked;

    public StowRequestContent(InstanceWriter writer, long firstIndex, int count, bool isChunked)
    {
        _writer = writer;
        _firstIndex = firstIndex;
        _count = count;
        _isChunked = isChunked;
        Headers.ContentType = MediaTypeHeaderValue.Parse(
            $"multipart/related; type=\"application/dicom\"; boundary={InstanceWriter.Boundary}");
    }

    /// <summary>Instances in the body.</summary>
    public int Count => _count;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        => _writer.WriteBodyAsync(stream, _firstIndex, _count, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = _writer.BodyLength(_count);
        return !_isChunked;
    }
}
