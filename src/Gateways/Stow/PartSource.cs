using System.Buffers;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Stow;

/// <summary>The instance in a part of a multipart request.</summary>
internal sealed class PartSource(MultipartPart part) : IInstanceSource
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the part is read to its end: the next part may be read.</summary>
    public Task End => _end.Task;

    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            ReadOnlySequence<byte> bytes = await part.ReadAsync(cancellationToken);
            if (bytes.IsEmpty)
            {
                _end.TrySetResult();
            }

            return bytes;
        }
        catch (MultipartException exception)
        {
            throw new InstanceSourceException(exception.Message, exception);
        }
    }

    public bool EndsRequest(Exception exception) => exception is SenderGoneException or BodyTimeoutException or BadHttpRequestException;
}
