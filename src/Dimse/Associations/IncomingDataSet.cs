using System.Buffers;

namespace ImagingIngestion.Dimse;

/// <summary>The data set of a message as its fragments arrive.</summary>
public sealed class IncomingDataSet
{
    /// <summary>The next bytes, at most what one PDU carries and empty at the end; valid until the next call.</summary>
    /// <exception cref="AssociationException">The association ended before the data set did.</exception>
    public ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>All bytes; null when they are more than <see cref="AssociationOptions.MaxIdentifierLength"/>.</summary>
    public Task<byte[]?> ReadAllAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
