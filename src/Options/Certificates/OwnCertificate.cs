using System.Security.Cryptography.X509Certificates;

namespace ImagingIngestion.Options;

/// <summary>A certificate that we show, with its key, and those between it and its authority.</summary>
/// <param name="Certificate">Has its private key.</param>
/// <param name="Intermediates">The others of the file.</param>
public sealed record OwnCertificate(X509Certificate2 Certificate, X509Certificate2Collection Intermediates);
