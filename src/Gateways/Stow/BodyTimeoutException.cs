namespace ImagingIngestion.Gateways.Stow;

/// <summary>The peer sent nothing for too long, or the whole request took too long.</summary>
public sealed class BodyTimeoutException(string message) : IOException(message);
