using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Amazon.Runtime;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Settings;

namespace ImagingIngestion.Storage.S3;

/// <summary>The HTTP client of the store, with pooled and bounded connections and the configured authorities.</summary>
internal sealed class S3HttpClients : HttpClientFactory, IDisposable
{
    /// <summary>More than concurrent uploads and retrieves keep busy.</summary>
    private const int MaxConnections = 256;

    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpClient _client;

    /// <exception cref="InvalidDataException">The authorities cannot be read.</exception>
    public S3HttpClients(BucketOptions options)
    {
        X509Certificate2Collection? authorities = options.CaFile is { } file
            ? new CertificateFile(file, Password: null, BucketOptions.Section["CaFile"]).ReadAuthorities()
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

/// <summary>Bounds how long a request may take with its whole answer.</summary>
/// <remarks>
/// When an object is read, only the head of the answer counts; its body has a time limit of its own (<see cref="S3RangeStream"/>). To the
/// SDK, a late answer looks like a broken connection, because it then tries again.
/// </remarks>
internal sealed class S3RequestHandler(HttpMessageHandler inner, TimeSpan limit) : DelegatingHandler(inner)
{
    /// <summary>The longest answer besides an object is a page of a listing, with a thousand keys.</summary>
    private const long MaxAnswer = 16 << 20;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using Deadline deadline = new(limit, TimeProvider.System, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            response = await base.SendAsync(request, deadline.Token).ConfigureAwait(false);
            if (!IsObject(request, response) && request.Method != HttpMethod.Head)
            {
                await response.Content.LoadIntoBufferAsync(MaxAnswer, deadline.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            response?.Dispose();
            if (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                const string Late = "The S3 server did not answer in time.";
                throw new HttpRequestException(Late, new IOException(Late, new TimeoutException()));
            }

            throw;
        }

        // Some servers answer 429 instead of 503; the SDK tries again only after 503.
        if (response.StatusCode == HttpStatusCode.TooManyRequests)
        {
            response.StatusCode = HttpStatusCode.ServiceUnavailable;
        }

        return response;
    }

    private static bool IsObject(HttpRequestMessage request, HttpResponseMessage response)
        => request.Method == HttpMethod.Get && request.Headers.Range is not null && response.IsSuccessStatusCode;
}
