using System.Buffers;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Ingest;

namespace ImagingIngestion.Gateways.Dimse.Store;

/// <summary>The instance that a C-STORE carries, fragment by fragment. An association that ends within it ends the store, as a lost HTTP connection does.</summary>
internal sealed class DataSetSource(IncomingDataSet dataSet) : IInstanceSource
{
    private ReadOnlySequence<byte>? _first;

    /// <summary>Told of the bytes, and of the waits for them; null until the instance has a place.</summary>
    public PeerPace? Pace { get; set; }

    /// <summary>Waits until the data set has begun to come.</summary>
    public async Task WaitForBytesAsync(CancellationToken cancellationToken) => _first = await dataSet.ReadAsync(cancellationToken);

    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        if (_first is { } first)
        {
            _first = null;
            Pace?.Add(first.Length);
            return first;
        }

        Pace?.BeginWait();
        try
        {
            ReadOnlySequence<byte> piece = await dataSet.ReadAsync(cancellationToken);
            Pace?.Add(piece.Length);
            return piece;
        }
        finally
        {
            Pace?.EndWait();
        }
    }

    public bool EndsRequest(Exception exception) => exception is AssociationException;
}
