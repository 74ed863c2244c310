using System.Buffers;

namespace ImagingIngestion.Ingest;

/// <summary>The bytes of one instance as a protocol delivers them: a Part 10 file or a bare data set, forward only.</summary>
public interface IInstanceSource
{
    /// <summary>The next bytes, empty at the end; valid until the next call.</summary>
    /// <exception cref="InstanceSourceException">The instance cannot be had whole; others from the same peer may.</exception>
    ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Returns true if the exception means that the sender is gone or too slow: it ends the whole request, not only this instance.</summary>
    bool EndsRequest(Exception exception);
}
