using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ImagingIngestion.Bindings;

/// <summary>Reads the certificates that a binding trusts for its target; for each connection, because authorities are rotated too.</summary>
internal static class TrustedAuthorities
{
    /// <summary>PEM, or PKCS12.</summary>
    /// <exception cref="TargetException">The file cannot be read, or has no certificate.</exception>
    public static X509Certificate2Collection Read(string file, string? password)
    {
        X509Certificate2Collection authorities = [];
        byte[] content = SmallFile.Read(file, "the authorities");
        try
        {
            if (content.AsSpan().IndexOf("-----BEGIN "u8) >= 0 || content.Length == 0)
            {
                authorities.ImportFromPem(Encoding.UTF8.GetString(content));
            }
            else
            {
                authorities = X509CertificateLoader.LoadPkcs12Collection(content, password, X509KeyStorageFlags.EphemeralKeySet);
            }
        }
        catch (CryptographicException exception)
        {
            throw new TargetException($"The CA file ({file}) cannot be read: certificates in PEM, or PKCS12 and the right password, are expected.", exception);
        }

        return authorities.Count > 0 ? authorities : throw new TargetException($"The CA file ({file}) holds no certificate: certificates in PEM, or PKCS12, are expected.");
    }
}
