using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings;

/// <summary>
/// The certificate that a binding shows to its target. Its files are looked at for each request, and loaded again when their content has
/// changed; connections that are open keep the old one for at most their lifetime in the pool.
/// </summary>
internal sealed partial class ClientCertificate(ClientCertificateFiles files, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan WarnBefore = TimeSpan.FromDays(14);

    private readonly Lock _gate = new();
    private readonly string _file = files.Certificate;
    private byte[] _digest = [];
    private SslStreamCertificateContext? _context;

    /// <exception cref="TargetException">It cannot be read, or is not valid now.</exception>
    public void EnsureValid() => Current();

    /// <summary>The certificate with those that the file has between it and its root.</summary>
    /// <exception cref="TargetException">It cannot be read, or is not valid now.</exception>
    public SslStreamCertificateContext Current()
    {
        byte[] file = SmallFile.Read(_file, "the client certificate");
        byte[]? key = files.Key is { } path ? SmallFile.Read(path, "the client key") : null;
        byte[] digest = SHA256.HashData([.. SHA256.HashData(file), .. SHA256.HashData(key ?? [])]);
        SslStreamCertificateContext context;
        lock (_gate)
        {
            if (_context is null || !digest.AsSpan().SequenceEqual(_digest))
            {
                _context = Load(file, key);
                _digest = digest;
                WarnOfEnd(_context.TargetCertificate);
            }

            context = _context;
        }

        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset end = End(context.TargetCertificate);
        return end < now
            ? throw new TargetException($"The client certificate ({_file}) has expired on {end:yyyy-MM-dd HH:mm:ss}Z; renew it, it is read again when the file changes.")
            : context;
    }

    private static DateTimeOffset End(X509Certificate2 certificate) => new(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero);

    private SslStreamCertificateContext Load(byte[] file, byte[]? key)
    {
        try
        {
            X509Certificate2Collection all = file.AsSpan().IndexOf("-----BEGIN "u8) >= 0
                ? LoadPem(Encoding.UTF8.GetString(file), Encoding.UTF8.GetString(key ?? file))
                : X509CertificateLoader.LoadPkcs12Collection(file, files.Password, X509KeyStorageFlags.EphemeralKeySet);
            X509Certificate2 own = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
                ?? throw new TargetException($"The client certificate ({_file}) has no private key; name the key's file too.");
            all.Remove(own);
            return SslStreamCertificateContext.Create(own, all, offline: true);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new TargetException($"The client certificate ({_file}) cannot be read: PEM with its key, or PKCS12, and the right password are expected.", exception);
        }
    }

    private X509Certificate2Collection LoadPem(string certificates, string key)
    {
        X509Certificate2 own = files.Password is { } password && key.Contains("ENCRYPTED PRIVATE KEY", StringComparison.Ordinal)
            ? X509Certificate2.CreateFromEncryptedPem(certificates, key, password)
            : X509Certificate2.CreateFromPem(certificates, key);
        X509Certificate2Collection all = [];
        all.ImportFromPem(certificates);
        X509Certificate2[] others = [.. all.Where(certificate => certificate.Thumbprint != own.Thumbprint)];
        return [own, .. others];
    }

    private void WarnOfEnd(X509Certificate2 certificate)
    {
        if (End(certificate) - time.GetUtcNow() < WarnBefore)
        {
            LogEndsSoon(_file, End(certificate));
        }
    }
}
