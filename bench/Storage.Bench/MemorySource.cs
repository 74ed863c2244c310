using System.Buffers;
using ImagingIngestion.Ingest;

namespace ImagingIngestion.Storage.Bench;

/// <summary>A file in memory as if a peer sent it.</summary>
internal sealed class MemorySource(byte[] file) : IInstanceSource
{
    private bool _isRead;

    public ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        ReadOnlySequence<byte> next = _isRead ? default : new ReadOnlySequence<byte>(file);
        _isRead = true;
        return ValueTask.FromResult(next);
    }

    public bool EndsRequest(Exception exception) => false;
}
