using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>A response with its data set, which is empty where none came.</summary>
public sealed record DimseReply(DimseResponse Response, ReadOnlyMemory<byte> DataSet);
