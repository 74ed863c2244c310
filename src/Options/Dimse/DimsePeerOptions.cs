namespace ImagingIngestion.Options;

/// <summary>An application entity that this system calls.</summary>
/// <param name="AeTitle">Its title.</param>
/// <param name="Host">A name or address.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="UsesTls">It is called over TLS.</param>
public sealed record DimsePeerOptions(string AeTitle, string Host, int Port, bool UsesTls);
