namespace ImagingIngestion.Load.Running;

/// <summary>What one target of a <see cref="DeliverySink"/> got.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Requests">Requests read to their end.</param>
/// <param name="Bytes">Their bodies.</param>
/// <param name="First">Timestamp of the first.</param>
/// <param name="Last">Timestamp of the last.</param>
public sealed record SinkCount(string Path, long Requests, long Bytes, long First, long Last);
