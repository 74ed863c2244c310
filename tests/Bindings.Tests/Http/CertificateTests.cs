using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Tests.Targets;
using ImagingIngestion.Tests;
using Microsoft.Extensions.Time.Testing;

namespace ImagingIngestion.Bindings.Tests.Http;

public sealed class CertificateTests : IDisposable
{
    private static readonly DateTimeOffset End = new(2060, 5, 6, 7, 8, 9, TimeSpan.Zero);

    private readonly TargetBench _bench = new();
    private readonly TestCertificates _certificates = new();
    private readonly FakeTimeProvider _time = new(End.AddMonths(-6));

    [Fact]
    public async Task A_private_authority_is_trusted_when_its_file_is_named_and_not_otherwise()
    {
        using X509Certificate2 certificate = _certificates.Server(End);
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200), () => certificate);
        using HttpClient trusting = _bench.Client(Options(target), _time);
        using HttpClient other = _bench.Client(Options(target) with { CaFile = null }, _time);

        Assert.Equal("200", await TargetBench.CallAsync(trusting, target.Studies));
        Assert.Contains("is not trusted", await TargetBench.CallAsync(other, target.Studies), StringComparison.Ordinal);
        Assert.Single(target.Requests);
    }

    [Fact]
    public async Task Another_authority_than_the_named_one_is_not_trusted()
    {
        using TestCertificates others = new();
        using X509Certificate2 certificate = others.Server(End);
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200), () => certificate);
        using HttpClient client = _bench.Client(Options(target), _time);

        Assert.Contains(
            "must hold the authority that has issued it", await TargetBench.CallAsync(client, target.Studies), StringComparison.Ordinal);
        Assert.Empty(target.Requests);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused()
    {
        using X509Certificate2 certificate = _certificates.Server(End, "archive.example.org");
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200), () => certificate);
        using HttpClient client = _bench.Client(Options(target), _time);

        Assert.Contains(
            "is for another name than localhost", await TargetBench.CallAsync(client, target.Studies), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_certificate_of_the_target_is_named_with_its_end_and_host()
    {
        using X509Certificate2 certificate = _certificates.Server(End);
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200), () => certificate);
        _time.SetUtcNow(End.AddDays(1));
        using HttpClient client = _bench.Client(Options(target), _time);

        string error = await TargetBench.CallAsync(client, target.Studies);

        Assert.StartsWith("The certificate of the target has expired on 2060-05-06 07:08:09Z (localhost)", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_ends_soon_is_warned_of_once()
    {
        using X509Certificate2 certificate = _certificates.Server(End);
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(
            context =>
            {
                context.Response.Headers.Connection = "close";
                return Task.CompletedTask;
            },
            () => certificate);
        _time.SetUtcNow(End.AddDays(-3));
        using HttpClient client = _bench.Client(Options(target), _time);

        Assert.Equal("200", await TargetBench.CallAsync(client, target.Studies));
        Assert.Equal("200", await TargetBench.CallAsync(client, target.Studies));

        Assert.Contains("ends on 2060-05-06", Assert.Single(_bench.Log.Collector.Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verification_is_skipped_only_when_asked_and_with_a_warning()
    {
        using X509Certificate2 certificate = _certificates.Server(End, "archive.example.org");
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200), () => certificate);
        using HttpClient client = _bench.Client(Options(target) with { CaFile = null, InsecureSkipVerify = true }, _time);

        Assert.Equal("200", await TargetBench.CallAsync(client, target.Studies));
        Assert.Contains("INSECURE_SKIP_VERIFY", Assert.Single(_bench.Log.Collector.Lines()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pem")]
    [InlineData("pem with key")]
    [InlineData("encrypted key")]
    [InlineData("pkcs12")]
    public async Task A_client_certificate_is_shown(string form)
    {
        using X509Certificate2 server = _certificates.Server(End);
        using X509Certificate2 own = _certificates.Client(End, "binding");
        string? seen = null;
        await using ScriptedTarget target =
            await ScriptedTarget.StartAsync(ScriptedTarget.Status(200), () => server, client => Seen(client, ref seen));
        using HttpClient client = _bench.Client(WithClient(Options(target), own, form), _time);

        Assert.Equal("200", await TargetBench.CallAsync(client, target.Studies));
        Assert.Equal("CN=binding", seen);
    }

    [Fact]
    public async Task A_client_certificate_that_is_rotated_is_read_again()
    {
        using X509Certificate2 server = _certificates.Server(End);
        using X509Certificate2 first = _certificates.Client(_time.GetUtcNow().AddDays(30), "first");
        using X509Certificate2 second = _certificates.Client(End, "second");
        string? seen = null;
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(
            context =>
            {
                context.Response.Headers.Connection = "close";
                return Task.CompletedTask;
            },
            () => server,
            client => Seen(client, ref seen));
        using HttpClient client = _bench.Client(WithClient(Options(target), first, "pem with key"), _time);

        Assert.Equal("200", await TargetBench.CallAsync(client, target.Studies));
        Assert.Equal("CN=first", seen);
        _time.Advance(TimeSpan.FromDays(31));
        Assert.Contains("has expired on", await TargetBench.CallAsync(client, target.Studies), StringComparison.Ordinal);
        WithClient(Options(target), second, "pem with key");
        Assert.Equal("200", await TargetBench.CallAsync(client, target.Studies));
        Assert.Equal("CN=second", seen);
    }

    [Fact]
    public async Task A_client_certificate_that_cannot_be_read_is_named_without_its_password()
    {
        using X509Certificate2 server = _certificates.Server(End);
        using X509Certificate2 own = _certificates.Client(End, "binding");
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200), () => server);
        using HttpClient client = _bench.Client(
            WithClient(Options(target), own, "pkcs12") with { ClientCertificatePassword = "no" }, _time);

        Assert.Contains("own.pem) cannot be used", await TargetBench.CallAsync(client, target.Studies), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_speaks_no_tls_is_named()
    {
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200));
        Uri secure = new UriBuilder(target.Studies) { Scheme = "https" }.Uri;
        using HttpClient client = _bench.Client(new HttpTargetOptions { Endpoint = secure }, _time);

        Assert.StartsWith($"TLS with {secure.Authority} failed", await TargetBench.CallAsync(client, secure), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _certificates.Dispose();
        _bench.Dispose();
    }

    private static bool Seen(X509Certificate2 client, ref string? subject)
    {
        subject = client.Subject;
        return true;
    }

    private HttpTargetOptions Options(ScriptedTarget target)
        => new() { Endpoint = target.Studies, CaFile = _bench.Write("ca.pem", _certificates.AuthorityPem) };

    private HttpTargetOptions WithClient(HttpTargetOptions options, X509Certificate2 own, string form)
    {
        using ECDsa key = own.GetECDsaPrivateKey()!;
        string certificate = own.ExportCertificatePem();
        PbeParameters encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
        return form switch
        {
            "pem" => options with
            {
                ClientCertificateFile = _bench.Write("own.pem", certificate),
                ClientKeyFile = _bench.Write("own.key", key.ExportPkcs8PrivateKeyPem())
            },
            "pem with key" =>
                options with { ClientCertificateFile = _bench.Write("own.pem", $"{certificate}\n{key.ExportPkcs8PrivateKeyPem()}") },
            "encrypted key" => options with
            {
                ClientCertificateFile = _bench.Write("own.pem", certificate),
                ClientKeyFile = _bench.Write("own.key", key.ExportEncryptedPkcs8PrivateKeyPem("password", encryption)),
                ClientCertificatePassword = "password",
            },
            _ => options with
            {
                ClientCertificateFile = _bench.Write("own.pem", own.Export(X509ContentType.Pkcs12, "password")),
                ClientCertificatePassword = "password"
            },
        };
    }
}
