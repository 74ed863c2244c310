namespace ImagingIngestion.Storage;

/// <summary>How many dead letters one transaction changed, and the id of the last.</summary>
internal readonly record struct DeadLetterBatch(int Count, long Last);
