using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>What a peer reports of a retrieval.</summary>
/// <param name="Status">Pending until the final report.</param>
/// <param name="SubOperations">The counters; null where the peer leaves them out.</param>
/// <param name="DataSet">The identifier of a final report that lists failed instances (0008,0058); empty where none came.</param>
public sealed record RetrieveReport(DimseStatus Status, SubOperations? SubOperations, ReadOnlyMemory<byte> DataSet);
