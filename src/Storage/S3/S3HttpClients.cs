using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Amazon.Runtime;
using ImagingIngestion.Options;

namespace ImagingIngestion.Storage.S3;

/// <summary>The HTTP client of the store: its connections are pooled and bounded, and it trusts the authorities that were configured.</summary>
internal sealed class S3HttpClients : HttpClientFactory, IDisposable
{
    /// <summary>More than uploads and retrieves at once keep busy.</summary>
    private const int MaxConnections = 256;

    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpClient _client;

    /// <exception cref="InvalidDataException">The authorities cannot be read.</exception>
    public S3HttpClients(BucketOptions options)
    {
        X509Certificate2Collection? authorities = options.CaFile is { } file ? new CertificateFile(file, Password: null, BucketOptions.CaFileSetting).ReadAuthorities() : null;
        SocketsHttpHandler handler = new()
        {
            MaxConnectionsPerServer = MaxConnections,
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            AllowAutoRedirect = false,
            UseCookies = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = authorities is null ? null : Trust(authorities) },
        };
        if (options.InsecureSkipVerify)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        }

        _client = new HttpClient(new S3RequestHandler(handler, options.RequestTimeout)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    public void Dispose() => _client.Dispose();

    private static X509ChainPolicy Trust(X509Certificate2Collection authorities)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
