using System.Buffers;
using ImagingIngestion.Dimse;

namespace ImagingIngestion.Gateways;

/// <summary>The instance that a C-STORE carries, fragment by fragment. An association that ends within it ends the store, as a lost HTTP connection does.</summary>
internal sealed class DataSetSource(IncomingDataSet dataSet) : IInstanceSource
{
    public ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken) => dataSet.ReadAsync(cancellationToken);
}
