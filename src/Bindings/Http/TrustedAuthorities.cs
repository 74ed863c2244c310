using System.Security.Cryptography.X509Certificates;
using ImagingIngestion.Options;

namespace ImagingIngestion.Bindings.Http;

/// <summary>
/// Reads the certificates that a binding trusts for its target; for each connection, because authorities are rotated too.
/// </summary>
internal static class TrustedAuthorities
{
    /// <exception cref="TargetException">The file cannot be read, or has no certificate.</exception>
    public static async Task<X509Certificate2Collection> ReadAsync(string file, string? password, CancellationToken cancellationToken)
    {
        byte[] content = await TargetFile.ReadAsync(file, "the authorities", cancellationToken);
        try
        {
            return CertificateReader.ReadAuthorities(content, password);
        }
        catch (InvalidDataException exception)
        {
            throw new TargetException($"The CA file ({file}) cannot be used: {exception.Message}; certificates in PEM, or PKCS12 and the "
                + "right password, are expected.", exception);
        }
    }
}
