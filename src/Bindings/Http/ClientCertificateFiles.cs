namespace ImagingIngestion.Bindings.Http;

/// <summary>Where a client certificate is read from.</summary>
/// <param name="Certificate">PEM, or PKCS12.</param>
/// <param name="Key">The private key in PEM, where it is not in <paramref name="Certificate"/>.</param>
/// <param name="Password">Of a PKCS12 file or of an encrypted key.</param>
internal sealed record ClientCertificateFiles(string Certificate, string? Key, string? Password);
