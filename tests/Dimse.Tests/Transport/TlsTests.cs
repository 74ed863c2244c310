using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.Dimse.Tests.Peers;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Dimse.Tests.Transport;

/// <summary>Associations over TLS.</summary>
public sealed class TlsTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly TestCertificates _ours = new("Ours");
    private readonly TestCertificates _theirs = new("Theirs");

    public void Dispose()
    {
        _ours.Dispose();
        _theirs.Dispose();
    }

    [Theory]
    [InlineData(DimseClientCertificates.None, null, true)]
    [InlineData(DimseClientCertificates.None, "ours", true)]
    [InlineData(DimseClientCertificates.Optional, null, true)]
    [InlineData(DimseClientCertificates.Optional, "ours", true)]
    [InlineData(DimseClientCertificates.Optional, "theirs", false)]
    [InlineData(DimseClientCertificates.Required, null, false)]
    [InlineData(DimseClientCertificates.Required, "ours", true)]
    [InlineData(DimseClientCertificates.Required, "theirs", false)]
    public async Task Client_certificates_are_taken_as_asked_for(DimseClientCertificates asked, string? shown, bool isTaken)
    {
        AcceptingPolicy policy = new();
        await using TestServer server = await StartAsync(asked, policy);
        DimseTlsClientOptions tls = new()
        {
            TrustedAuthorities = _ours.Trusted,
            Certificate = shown switch { "ours" => _ours.Issue("client"), "theirs" => _theirs.Issue("client"), _ => null }
        };

        if (!isTaken)
        {
            await Assert.ThrowsAsync<AssociationException>(() => OpenAsync(server.Port, tls));
            Assert.Empty(policy.Offers);
            return;
        }

        await using Association association = await OpenAsync(server.Port, tls);
        Assert.Equal(DimseStatus.Success, await association.EchoAsync());
        Assert.Equal(
            asked == DimseClientCertificates.None ? null : shown is null ? null : "CN=client",
            Assert.Single(policy.Offers).ClientCertificate?.Subject);
        await association.ReleaseAsync(CancellationToken.None);
    }

    [Fact]
    public async Task An_untrusted_server_is_refused_unless_the_client_accepts_any()
    {
        await using TestServer server = await StartAsync(DimseClientCertificates.None);

        AssociationException exception = await Assert.ThrowsAsync<AssociationException>(
            () => OpenAsync(server.Port, new DimseTlsClientOptions { TrustedAuthorities = _theirs.Trusted }));
        Assert.Equal(AssociationFault.NotConnected, exception.Fault);

        await using Association association = await OpenAsync(server.Port, new DimseTlsClientOptions { SkipsVerification = true });
        Assert.Equal(DimseStatus.Success, await association.EchoAsync());
    }

    [Fact]
    public async Task Large_data_sets_pass_over_TLS()
    {
        StoreService store = new();
        await using TestServer server = await StartAsync(DimseClientCertificates.None, null, store);
        await using Association association =
            await OpenAsync(server.Port, new DimseTlsClientOptions { TrustedAuthorities = _ours.Trusted });

        OutgoingOperation operation =
            await association.InvokeStoreAsync("1.2", (stream, token) => stream.WriteAsync(new byte[3_000_001], token).AsTask());

        Assert.Equal(DimseStatus.Success, (await operation.ReadAsync(CancellationToken.None)).Response.Status);
        Assert.Equal(3_000_001, store.Stored["1.2"].Length);
    }

    [Fact]
    public async Task A_client_that_does_not_shake_hands_does_not_block_others()
    {
        await using TestServer server = await StartAsync(DimseClientCertificates.None);
        using ScriptedPeer silent = await ScriptedPeer.ConnectAsync(server.Port);
        using ScriptedPeer plain = await ScriptedPeer.ConnectAsync(server.Port);
        await plain.SendAsync(RawPdu.AssociateRequest());

        await using Association association =
            await OpenAsync(server.Port, new DimseTlsClientOptions { TrustedAuthorities = _ours.Trusted });
        Assert.Equal(DimseStatus.Success, await association.EchoAsync());
    }

    [Theory]
    [InlineData(TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA)]
    [InlineData(TlsCipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256)]
    public async Task Weak_cipher_suites_are_refused(TlsCipherSuite suite)
    {
        await using TestServer server = await StartAsync(DimseClientCertificates.None);
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("localhost", server.Port);
        await using SslStream stream = new(new NetworkStream(socket));

        Task shaking = OperatingSystem.IsLinux()
            ? stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = SslProtocols.Tls12,
                CipherSuitesPolicy = new CipherSuitesPolicy([suite]),
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            })
            : Task.FromException(new AuthenticationException());

        await Assert.ThrowsAnyAsync<Exception>(() => shaking.WaitAsync(Timeout));
        Assert.False(stream.IsAuthenticated);
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task Echoscu_is_answered_over_TLS()
    {
        await using TestServer server = await StartAsync(DimseClientCertificates.Required);
        string folder = Directory.CreateTempSubdirectory("dimse-").FullName;
        try
        {
            using X509Certificate2 client = _ours.Issue("client");
            string key = Path.Combine(folder, "key.pem");
            string certificate = Path.Combine(folder, "certificate.pem");
            string authority = Path.Combine(folder, "authority.pem");
            await File.WriteAllTextAsync(key, client.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
            await File.WriteAllTextAsync(certificate, client.ExportCertificatePem());
            await File.WriteAllTextAsync(authority, _ours.Authority.ExportCertificatePem());

            (int exitCode, string output, string error) = await ExternalProcess.RunAsync(
                "echoscu", ["-v", "+tls", key, certificate, "+cf", authority, "localhost", $"{server.Port}"], "", Timeout);

            Assert.True(exitCode == 0, output + error);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<Association> OpenAsync(int port, DimseTlsClientOptions tls)
        => TestRequest.Requestor().RequestAsync(TestRequest.Peer(port, tls), TestRequest.Default, CancellationToken.None);

    private Task<TestServer> StartAsync(DimseClientCertificates asked, AcceptingPolicy? policy = null, params IDimseService[] services)
        => TestServer.StartAsync(
            new DimseServerOptions
            {
                Tls = new DimseTlsServerOptions
                {
                    Certificate = _ours.Issue("localhost"),
                    ClientCertificates = asked,
                    TrustedAuthorities = _ours.Trusted
                }
            },
            policy,
            null,
            services);
}

/// <summary>A certificate authority, and the certificates that it signs.</summary>
internal sealed class TestCertificates : IDisposable
{
    private static readonly DateTimeOffset Begin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>One key for all certificates, because keys are slow to generate and no test compares them.</summary>
    private static readonly RSA Key = RSA.Create(2048);

    public TestCertificates(string name)
    {
        CertificateRequest request = new($"CN={name}", Key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        Authority = request.CreateSelfSigned(Begin, End);
    }

    public X509Certificate2 Authority { get; }

    public X509Certificate2Collection Trusted => [Authority];

    public X509Certificate2 Issue(string name)
    {
        CertificateRequest request = new($"CN={name}", Key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 signed = request.Create(Authority, Begin, End, RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 whole = signed.CopyWithPrivateKey(Key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    public void Dispose() => Authority.Dispose();
}
