using System.Buffers;

namespace ImagingIngestion.Gateways;

/// <summary>The instance in a part of a multipart request.</summary>
internal sealed class PartSource(MultipartPart part) : IInstanceSource
{
    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await part.ReadAsync(cancellationToken);
        }
        catch (MultipartException exception)
        {
            throw new InstanceSourceException(exception.Message, exception);
        }
    }
}
