using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ImagingIngestion.EndToEnd.Tests.Fixtures;

/// <summary>
/// Certificate files as hospitals distribute them: an authority, certificates that it signed in PEM and PKCS12, and a stranger's.
/// </summary>
internal sealed class TlsFiles
{
    public const string Password = "Kx7-not-in-a-log";

    private static readonly DateTimeOffset Begin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _folder;

    public TlsFiles(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        using RSA key = RSA.Create(2048);
        using X509Certificate2 authority = Authority("CN=Hospital authority", key);
        using X509Certificate2 other = Authority("CN=Another authority", key);
        AuthorityPem = Write("authority.pem", authority.ExportCertificatePem());
        Key = Write("key.pem", key.ExportPkcs8PrivateKeyPem());
        using X509Certificate2 own = Issue(authority, key, "localhost");
        Certificate = Write("own.crt", own.ExportCertificatePem());
        OwnPem = Write("own.pem", $"{own.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        OwnPkcs12 = Path.Combine(_folder, "own.p12");
        File.WriteAllBytes(OwnPkcs12, own.Export(X509ContentType.Pkcs12, Password));
        using X509Certificate2 stranger = Issue(other, key, "stranger");
        StrangersCertificate = Write("stranger.crt", stranger.ExportCertificatePem());
    }

    public string AuthorityPem { get; }

    /// <summary>The key of all certificates: keys are slow to generate, and no test compares them.</summary>
    public string Key { get; }

    /// <summary>The certificate of this machine, signed by the authority; without its key.</summary>
    public string Certificate { get; }

    /// <summary>The same with its key.</summary>
    public string OwnPem { get; }

    /// <summary>The same with its key, under the <see cref="Password"/>.</summary>
    public string OwnPkcs12 { get; }

    /// <summary>Signed by another authority.</summary>
    public string StrangersCertificate { get; }

    /// <summary>The environment of a server whose DIMSE port speaks TLS.</summary>
    public string[] Server(string clients, bool isPem = true)
    {
        string[] store = isPem
            ? [$"DIMSE_TLS_KEYSTORE={OwnPem}", "DIMSE_TLS_KEYSTORE_TYPE=PEM"]
            : [$"DIMSE_TLS_KEYSTORE={OwnPkcs12}", $"DIMSE_TLS_KEYSTORE_PASSWORD={Password}"];
        return [
            .. store,
            "DIMSE_TLS_ENABLED=true",
            $"DIMSE_TLS_TRUSTSTORE={AuthorityPem}",
            "DIMSE_TLS_TRUSTSTORE_TYPE=PEM",
            $"DIMSE_TLS_CLIENT_CERTIFICATES={clients}"
        ];
    }

    private static X509Certificate2 Authority(string name, RSA key)
    {
        CertificateRequest request = new(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        return request.CreateSelfSigned(Begin, End);
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, RSA key, string name)
    {
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 signed = request.Create(authority, Begin, End, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    private string Write(string name, string text)
    {
        string file = Path.Combine(_folder, name);
        File.WriteAllText(file, text);
        return file;
    }
}
