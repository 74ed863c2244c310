using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Amazon.Runtime;
using ImagingIngestion.Options;

namespace ImagingIngestion.Storage.S3;

/// <summary>
/// The HTTP client of the store: its connections are pooled and bounded, and it trusts the authorities that were configured.
/// </summary>
internal sealed class S3HttpClients : HttpClientFactory, IDisposable
{
    /// <summary>More than uploads and retrieves at once keep busy.</summary>
    private const int MaxConnections = 256;

    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpClient _client;

    /// <exception cref="InvalidDataException">The authorities cannot be read.</exception>
    public S3HttpClients(BucketOptions options)
    {
        X509Certificate2Collection? authorities = options.CaFile is { } file
            ? new CertificateFile(file, Password: null, BucketOptions.CaFileSetting).ReadAuthorities()
            : null;
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

/// <summary>
/// Bounds how long a request may take with its whole answer; of an object that is read only the head of the answer counts, its body has a
/// time limit of its own (<see cref="S3RangeStream"/>). What is late looks to the SDK like a connection that broke, because it tries again
/// after that.
/// </summary>
internal sealed class S3RequestHandler(HttpMessageHandler inner, TimeSpan limit) : DelegatingHandler(inner)
{
    /// <summary>A page of a listing, the longest answer besides an object, has a thousand keys.</summary>
    private const long MaxAnswer = 16 << 20;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(limit);
        HttpResponseMessage? response = null;
        try
        {
            response = await base.SendAsync(request, late.Token).ConfigureAwait(false);
            if (!IsObject(request, response) && request.Method != HttpMethod.Head)
            {
                await response.Content.LoadIntoBufferAsync(MaxAnswer, late.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            response?.Dispose();
            if (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new HttpRequestException("The S3 server is late.", new IOException("The S3 server is late.", new TimeoutException()));
            }

            throw;
        }

        // Some servers say 429 where others say 503; the SDK tries again after the latter only.
        if (response.StatusCode == HttpStatusCode.TooManyRequests)
        {
            response.StatusCode = HttpStatusCode.ServiceUnavailable;
        }

        return response;
    }

    private static bool IsObject(HttpRequestMessage request, HttpResponseMessage response)
        => request.Method == HttpMethod.Get && request.Headers.Range is not null && response.IsSuccessStatusCode;
}
