namespace ImagingIngestion.Grains.Study;

/// <summary>The mailbox of a grain, or the silo's commit queue, is full: try later.</summary>
public sealed class GrainOverloadedException() : Exception("Too many requests wait for this study; send again later.");
