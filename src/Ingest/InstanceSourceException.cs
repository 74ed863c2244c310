namespace ImagingIngestion.Ingest;

/// <summary>The bytes of an instance stop before its end. The message holds none of them.</summary>
public sealed class InstanceSourceException(string message, Exception? inner = null) : Exception(message, inner);
