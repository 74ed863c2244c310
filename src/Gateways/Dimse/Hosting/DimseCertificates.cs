using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImagingIngestion.Options;

namespace ImagingIngestion.Gateways;

/// <summary>Loads the certificates of DIMSE over TLS; errors name the file and the setting.</summary>
internal static class DimseCertificates
{
    private const string Begin = "-----BEGIN CERTIFICATE";

    /// <exception cref="InvalidDataException">The file cannot be used.</exception>
    public static DimseCertificate LoadOwn(DimseKeyStore store)
    {
        string names = DimseTlsOptions.KeyStoreSetting.Names;
        X509Certificate2Collection all = Load(store, names, needsKey: true);
        X509Certificate2 own = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
            ?? throw new InvalidDataException($"The certificate of DIMSE ({store.File}) has no private key: put certificate and key into one file; set {names}.");
        all.Remove(own);
        return new DimseCertificate(own, all);
    }

    /// <exception cref="InvalidDataException">The file cannot be used.</exception>
    public static X509Certificate2Collection LoadAuthorities(DimseKeyStore store)
    {
        string names = DimseTlsOptions.TrustStoreSetting.Names;
        X509Certificate2Collection all = Load(store, names, needsKey: false);
        return all.Count > 0 ? all : throw new InvalidDataException($"The authorities of DIMSE ({store.File}) hold no certificate; set {names}.");
    }

    private static X509Certificate2Collection Load(DimseKeyStore store, string names, bool needsKey)
    {
        try
        {
            return !store.IsPem ? X509CertificateLoader.LoadPkcs12CollectionFromFile(store.File, store.Password)
                : needsKey ? LoadPemWithKey(File.ReadAllText(store.File), store.Password)
                : LoadPem(File.ReadAllText(store.File));
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            string kind = store.IsPem ? "PEM" : "PKCS12";
            throw new InvalidDataException($"The certificates of DIMSE ({store.File}) cannot be read as {kind}: check file, type and password; set {names} and the settings of its type and password.", exception);
        }
    }

    private static X509Certificate2Collection LoadPemWithKey(string text, string? password)
    {
        X509Certificate2 own = password is null ? X509Certificate2.CreateFromPem(text, text) : X509Certificate2.CreateFromEncryptedPem(text, text, password);
        X509Certificate2[] others = [.. LoadPem(text).Where(certificate => certificate.Thumbprint != own.Thumbprint)];
        return [own, .. others];
    }

    private static X509Certificate2Collection LoadPem(string text)
    {
        X509Certificate2Collection all = [];
        if (text.Contains(Begin, StringComparison.Ordinal))
        {
            all.ImportFromPem(text);
        }

        return all;
    }
}
