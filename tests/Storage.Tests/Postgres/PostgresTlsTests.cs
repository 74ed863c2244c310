using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Storage.Tests.Postgres;

/// <summary>Connections to a PostgreSQL with TLS and to one without, for each way of protecting them.</summary>
public sealed class PostgresTlsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imaging-postgres-tls-");

    private string Certificate => Path.Combine(_folder.FullName, "server.crt");

    private string Key => Path.Combine(_folder.FullName, "server.key");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_server_with_TLS_is_reached_and_verified_as_the_settings_say()
    {
        await MakeCertificateAsync("127.0.0.1");
        PostgresServer server = await StartAsync();
        try
        {
            DatabaseOptions options = server.Options("postgres");

            await OpenAsync(options with { Tls = DatabaseTls.Require });
            await OpenAsync(options with { RootCertificate = Certificate });
            await OpenAsync(options with { Tls = DatabaseTls.VerifyCA, RootCertificate = Certificate });
            await ShouldNameTheSettingsAsync(options with { Tls = DatabaseTls.VerifyFull });
        }
        finally
        {
            await server.StopAsync();
        }
    }

    [Fact]
    public async Task A_certificate_for_another_host_is_refused()
    {
        await MakeCertificateAsync("192.0.2.1");
        PostgresServer server = await StartAsync();
        try
        {
            DatabaseOptions options = server.Options("postgres") with { RootCertificate = Certificate };

            await ShouldNameTheSettingsAsync(options);
            await OpenAsync(options with { Tls = DatabaseTls.VerifyCA });
        }
        finally
        {
            await server.StopAsync();
        }
    }

    [Fact]
    public async Task A_server_without_TLS_is_refused_where_it_is_required()
    {
        PostgresServer server = await PostgresServer.SharedAsync();

        await ShouldNameTheSettingsAsync(server.Options("postgres") with { Tls = DatabaseTls.Require });
    }

    private static async Task OpenAsync(DatabaseOptions options)
    {
        await using PostgresManifestStore store =
            await PostgresManifestStore.OpenAsync(options, Supervision.Of(TimeProvider.System), CancellationToken.None);
    }

    private static async Task ShouldNameTheSettingsAsync(DatabaseOptions options)
    {
        string message = (await Assert.ThrowsAsync<ManifestUnavailableException>(() => OpenAsync(options))).Message;
        Assert.Contains("DB_TLS_ROOT_CERTIFICATE", message, StringComparison.Ordinal);
        Assert.Contains("DB_TLS=", message, StringComparison.Ordinal);
    }

    private Task<PostgresServer> StartAsync() => PostgresServer.StartAsync(
        Path.Combine(Path.GetTempPath(), $"imaging-postgres-{Guid.NewGuid():N}"),
        $"ssl = on\nssl_cert_file = '{Certificate}'\nssl_key_file = '{Key}'");

    /// <summary>
    /// Creates a self-signed certificate with a key that PostgreSQL accepts: its user owns it, and nobody else can read it.
    /// </summary>
    private async Task MakeCertificateAsync(string address)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=imaging test", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await File.WriteAllTextAsync(Certificate, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Key, key.ExportPkcs8PrivateKeyPem());
        using Process owner = Process.Start(
            "sh", ["-c", $"chmod 711 '{_folder.FullName}' && chmod 400 '{Key}' && ([ $(id -u) -ne 0 ] || chown postgres '{Key}')"]);
        await owner.WaitForExitAsync();
        Assert.Equal(0, owner.ExitCode);
    }
}
