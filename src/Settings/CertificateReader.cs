using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ImagingIngestion.Settings;

/// <summary>Reads certificates in PEM or PKCS12, whichever the content is.</summary>
/// <remarks>
/// Everything that shows a certificate or trusts authorities reads them here. A message says what is wrong with the content, never a
/// password;
/// the caller adds the file and the setting.</remarks>
public static class CertificateReader
{
    /// <summary>Reads our certificate and its key.</summary>
    /// <param name="content">PEM or PKCS12.</param>
    /// <param name="key">The key in PEM; null if it is in <paramref name="content"/>.</param>
    /// <param name="password">The password of PKCS12 or of an encrypted key; ignored if nothing is encrypted.</param>
    /// <exception cref="InvalidDataException">The content cannot be used.</exception>
    public static OwnCertificate ReadOwn(byte[] content, byte[]? key, string? password)
    {
        X509Certificate2Collection all = IsPem(content)
            ? PemWithKey(Text(content), Text(key ?? content), password)
            : Pkcs12(content, password);
        X509Certificate2 own = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
            ?? throw new InvalidDataException("no private key is in it");
        all.Remove(own);
        return new OwnCertificate(own, all);
    }

    /// <summary>Reads the authorities to trust; at least one.</summary>
    /// <param name="content">PEM or PKCS12.</param>
    /// <param name="password">The password of PKCS12.</param>
    /// <exception cref="InvalidDataException">The content cannot be used, or has no certificate.</exception>
    public static X509Certificate2Collection ReadAuthorities(byte[] content, string? password)
    {
        X509Certificate2Collection authorities = IsPem(content) ? Pem(Text(content)) : Pkcs12(content, password);
        return authorities.Count > 0 ? authorities : throw new InvalidDataException("it holds no certificate");
    }

    private static bool IsPem(byte[] content) => content.Length == 0 || content.AsSpan().IndexOf("-----BEGIN "u8) >= 0;

    private static string Text(byte[] content) => Encoding.UTF8.GetString(content);

    private static X509Certificate2Collection PemWithKey(string certificates, string key, string? password)
    {
        bool isEncrypted = key.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal);
        if (!isEncrypted && !key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw new InvalidDataException("no private key is in it");
        }

        if (isEncrypted && password is null)
        {
            throw new InvalidDataException("its private key is encrypted and no password is set");
        }

        try
        {
            X509Certificate2 own = isEncrypted
                ? X509Certificate2.CreateFromEncryptedPem(certificates, key, password)
                : X509Certificate2.CreateFromPem(certificates, key);
            X509Certificate2[] others = [.. Pem(certificates).Where(certificate => certificate.Thumbprint != own.Thumbprint)];
            return [own, .. others];
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException(
                "the certificate cannot be read as PEM, its key does not belong to it, or the password is wrong", exception);
        }
    }

    private static X509Certificate2Collection Pem(string text)
    {
        try
        {
            X509Certificate2Collection all = [];
            all.ImportFromPem(text);
            return all;
        }
        catch (CryptographicException exception)
        {
            throw new InvalidDataException("the certificates cannot be read as PEM", exception);
        }
    }

    private static X509Certificate2Collection Pkcs12(byte[] content, string? password)
    {
        try
        {
            return X509CertificateLoader.LoadPkcs12Collection(content, password);
        }
        catch (CryptographicException exception)
        {
            throw new InvalidDataException("it is neither PEM nor PKCS12, or the password is wrong", exception);
        }
    }
}

/// <summary>A certificate that we show, with its key, and those between it and its authority.</summary>
/// <param name="Certificate">Has its private key.</param>
/// <param name="Intermediates">The other certificates of the file.</param>
public sealed record OwnCertificate(X509Certificate2 Certificate, X509Certificate2Collection Intermediates);
