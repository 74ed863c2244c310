namespace ImagingIngestion.Bindings.Http;

/// <summary>A call of a target failed; the message tells an operator why, without secrets and without patient data.</summary>
public sealed class TargetException(string message, Exception? inner = null) : HttpRequestException(message, inner);
