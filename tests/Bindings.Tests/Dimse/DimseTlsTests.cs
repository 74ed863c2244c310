using System.Security.Cryptography.X509Certificates;
using ImagingIngestion.Bindings.Dimse;
using ImagingIngestion.Bindings.Tests.Targets;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.Dimse.Tests.Peers;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Tests.Dimse;

public sealed class DimseTlsTests : IDisposable
{
    private static readonly DateTimeOffset End = TimeProvider.System.GetUtcNow().AddMonths(6);

    private readonly TestCertificates _certificates = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("dimse-tls-").FullName;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_target_that_wants_our_certificate_sees_it(bool isPkcs12)
    {
        StoreService store = new();
        await using DimseBench bench = await StartAsync(store, new DimseTlsTargetOptions
        {
            CertificateFile = isPkcs12 ? Pkcs12("client", "secret") : Pem("client"),
            CertificatePassword = isPkcs12 ? "secret" : null,
            AuthoritiesFile = Authorities(_certificates, isPkcs12),
            AuthoritiesPassword = isPkcs12 ? "other" : null,
        });
        bench.Add(1, 1);

        Assert.Same(DeliveryResult.Delivered, Assert.Single(await bench.DeliverAsync(1, 1)));

        Assert.Equal("CN=client", Assert.Single(bench.Policy.Offers).ClientCertificate!.Subject);
        Assert.Single(store.Stored);
    }

    [Fact]
    public async Task A_target_of_an_unknown_authority_gets_nothing()
    {
        using TestCertificates others = new();
        await using DimseBench bench = await StartAsync(
            new StoreService(),
            new DimseTlsTargetOptions { CertificateFile = Pem("client"), AuthoritiesFile = Authorities(others, isPkcs12: false) });

        Assert.Contains("not trusted", await AssertRefusedAsync(bench), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_does_not_get_our_certificate_gets_nothing()
    {
        await using DimseBench bench = await StartAsync(
            new StoreService(), new DimseTlsTargetOptions { AuthoritiesFile = Authorities(_certificates, isPkcs12: false) });

        await AssertRefusedAsync(bench);
    }

    [Fact]
    public async Task A_target_that_speaks_no_TLS_gets_nothing()
    {
        await using DimseBench bench = await DimseBench.StartAsync(new StoreService(), options => options with
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(500),
            Tls = new DimseTlsTargetOptions { AuthoritiesFile = Authorities(_certificates, isPkcs12: false) },
        });

        await AssertRefusedAsync(bench);
    }

    [Fact]
    public async Task A_certificate_file_that_cannot_be_read_is_named()
    {
        await using DimseBench bench =
            await StartAsync(new StoreService(), new DimseTlsTargetOptions { CertificateFile = Path.Combine(_folder, "missing.p12") });
        bench.Add(1, 2);

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(1, 2);

        Assert.All(results, result => Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault)));
        Assert.Contains("missing.p12", results[1].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verification_can_be_left_out_which_is_warned_of()
    {
        using TestCertificates others = new();
        await using DimseBench bench = await StartAsync(new StoreService(), new DimseTlsTargetOptions
        {
            CertificateFile = Pem("client"),
            AuthoritiesFile = Authorities(others, isPkcs12: false),
            InsecureSkipVerify = true
        });
        bench.Add(1, 1);

        Assert.Same(DeliveryResult.Delivered, Assert.Single(await bench.DeliverAsync(1, 1)));
        Assert.Contains(bench.Log, line => line.StartsWith("Warning 6403", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _certificates.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<string> AssertRefusedAsync(DimseBench bench)
    {
        bench.Add(1, 1);
        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1, 1));
        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
        Assert.Empty(bench.Policy.Offers);
        return result.Error!;
    }

    private Task<DimseBench> StartAsync(StoreService store, DimseTlsTargetOptions client)
    {
        DimseTlsServerOptions server = new()
        {
            Certificate = _certificates.Server(End),
            ClientCertificates = DimseClientCertificates.Required,
            TrustedAuthorities = [X509Certificate2.CreateFromPem(_certificates.AuthorityPem)],
        };
        return DimseBench.StartAsync(store, options => options with { Tls = client }, tls: server);
    }

    private string Pem(string name)
    {
        using X509Certificate2 certificate = _certificates.Client(End, name);
        string file = Path.Combine(_folder, $"{name}.pem");
        File.WriteAllText(file, $"{certificate.ExportCertificatePem()}\n{certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()}\n");
        return file;
    }

    private string Pkcs12(string name, string password)
    {
        using X509Certificate2 certificate = _certificates.Client(End, name);
        string file = Path.Combine(_folder, $"{name}.p12");
        File.WriteAllBytes(file, certificate.Export(X509ContentType.Pkcs12, password));
        return file;
    }

    private string Authorities(TestCertificates certificates, bool isPkcs12)
    {
        using X509Certificate2 authority = X509Certificate2.CreateFromPem(certificates.AuthorityPem);
        string file = Path.Combine(_folder, isPkcs12 ? "authorities.p12" : "authorities.pem");
        File.WriteAllBytes(
            file,
            isPkcs12 ? authority.Export(X509ContentType.Pkcs12, "other") : System.Text.Encoding.ASCII.GetBytes(certificates.AuthorityPem));
        return file;
    }
}
