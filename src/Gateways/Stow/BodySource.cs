using System.Buffers;
using System.IO.Pipelines;
using ImagingIngestion.Ingest;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Stow;

/// <summary>The instance that is the whole body of a request.</summary>
internal sealed class BodySource(PipeReader body) : IInstanceSource, IDisposable
{
    private SequencePosition? _toRelease;

    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        Release();
        while (true)
        {
            ReadResult result = await body.ReadAsync(cancellationToken);
            _toRelease = result.Buffer.End;
            if (!result.Buffer.IsEmpty || result.IsCompleted)
            {
                return result.Buffer;
            }

            Release();
        }
    }

    public bool EndsRequest(Exception exception) => exception is SenderGoneException or BodyTimeoutException or BadHttpRequestException;

    public void Dispose() => Release();

    private void Release()
    {
        if (_toRelease is { } end)
        {
            _toRelease = null;
            body.AdvanceTo(end);
        }
    }
}
