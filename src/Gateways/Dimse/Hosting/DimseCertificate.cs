using System.Security.Cryptography.X509Certificates;

namespace ImagingIngestion.Gateways;

/// <summary>Our certificate with its key and those between it and its authority.</summary>
/// <param name="Own">Has its private key.</param>
/// <param name="Intermediates">The others of the file.</param>
internal sealed record DimseCertificate(X509Certificate2 Own, X509Certificate2Collection Intermediates);
