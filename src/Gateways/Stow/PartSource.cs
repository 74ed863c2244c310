using System.Buffers;

namespace ImagingIngestion.Gateways;

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
}
