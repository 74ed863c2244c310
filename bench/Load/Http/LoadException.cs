namespace ImagingIngestion.Load.Http;

/// <summary>A server answered otherwise than the scenario needs, so that its figure would mean nothing.</summary>
public sealed class LoadException(string message) : Exception(message);
