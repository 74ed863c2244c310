using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ImagingIngestion.Options;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Http;

/// <summary>
/// Makes the HTTP client of a target: its connections, certificates and authorisation. It follows no redirect, keeps no cookies, and
/// connects directly: the proxies that the environment may name are not asked, because what goes to a target is patient data.
/// </summary>
public static partial class TargetHttp
{
    /// <summary>Bytes of an answer that is read as a whole.</summary>
    private const int MaxAnswerBytes = 16 << 20;

    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A client with pooled connections; it has no timeout over a whole request, which may be gigabytes long, but ends one that makes no
    /// progress for the idle timeout, or that drips for longer than the answer timeout. What fails is an
    /// <see cref="HttpRequestException"/>, or an <see cref="OperationCanceledException"/> when connecting takes too long:
    /// <see cref="TargetFaults"/> puts both into words.
    /// </summary>
    public static HttpClient CreateClient(HttpTargetOptions options, TimeProvider time, ILogger logger)
    {
        if (options.InsecureSkipVerify)
        {
            LogInsecure(logger, options.Endpoint.Authority);
        }

        IAuthorization? authorization = Authorization(options, time, logger);
        if (authorization is not null && options.Endpoint.Scheme == Uri.UriSchemeHttp)
        {
            LogClearText(logger, options.Endpoint.Authority);
        }

        ClientCertificate? own = OwnCertificate(options, time, logger);
        HttpMessageHandler handler = new PeerTimeoutHandler(new WaitLimits(options.IdleTimeout, options.AnswerTimeout), time)
        {
            InnerHandler = Connections(options, own, time, logger)
        };
        if (own is not null || authorization is not null)
        {
            handler = new AuthorizationHandler(options.Endpoint, authorization, own, time) { InnerHandler = handler };
        }

        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxAnswerBytes };
    }

    private static IAuthorization? Authorization(HttpTargetOptions options, TimeProvider time, ILogger logger) => options switch
    {
        { Username: { } user } => new BasicAuthorization(user, options.Password ?? ""),
        { Token: { } token } => new BearerAuthorization(token),
        { TokenFile: { } file } => new TokenFileAuthorization(file),
        { OAuth2TokenUrl: { } url } => new ClientCredentials(options, TokenClient(options, url, time, logger), time),
        _ => null,
    };

    /// <summary>
    /// The client of the token endpoint. It may be another host: then it sees neither the client certificate nor an exemption from
    /// verification, and its certificate may come from the authorities of the system as well as from the target's.
    /// </summary>
    private static HttpClient TokenClient(HttpTargetOptions options, Uri url, TimeProvider time, ILogger logger)
    {
        bool isTarget = Authority.IsSame(url, options.Endpoint);
        HttpTargetOptions own = isTarget ? options : options with { Endpoint = url, InsecureSkipVerify = false };
        ClientCertificate? certificate = isTarget ? OwnCertificate(options, time, logger) : null;
        SocketsHttpHandler handler = Connections(own, certificate, time, logger, trustsSystem: !isTarget);
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private static ClientCertificate? OwnCertificate(HttpTargetOptions options, TimeProvider time, ILogger logger)
        => options.ClientCertificateFile is { } file
            ? new ClientCertificate(
                new ClientCertificateFiles(file, options.ClientKeyFile, options.ClientCertificatePassword), time, logger)
            : null;

    private static SocketsHttpHandler Connections(
        HttpTargetOptions options, ClientCertificate? own, TimeProvider time, ILogger logger, bool trustsSystem = false)
    {
        TargetConnector connector = new(new TargetCertificate(options, trustsSystem, time, logger), own);
        return new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,
            ConnectCallback = connector.ConnectAsync,
            PlaintextStreamFilter = (context, _) => ValueTask.FromResult<Stream>(new AnswerFirstStream(context.PlaintextStream)),
            PooledConnectionLifetime = ConnectionLifetime,
            Expect100ContinueTimeout = AuthorizationHandler.ExpectTimeout,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
        };
    }

    [LoggerMessage(6100, LogLevel.Warning, "The certificate of {Authority} is not verified: INSECURE_SKIP_VERIFY is set, so anyone between "
        + "here and there can read and change what is sent")]
    private static partial void LogInsecure(ILogger logger, string authority);

    [LoggerMessage(
        6101,
        LogLevel.Warning,
        "Credentials for {Authority} are sent over http, readable to anyone between here and there; use an https endpoint")]
    private static partial void LogClearText(ILogger logger, string authority);
}

/// <summary>A bearer token that never changes (RFC 6750).</summary>
internal sealed class BearerAuthorization(string token) : IAuthorization
{
    private readonly AuthenticationHeaderValue _header = new("Bearer", token);

    public ValueTask<AuthenticationHeaderValue> GetAsync(CancellationToken cancellationToken) => new(_header);

    public ValueTask<AuthenticationHeaderValue?> RenewAsync(AuthenticationHeaderValue refused, CancellationToken cancellationToken)
        => default;

    public void Dispose()
    {
    }
}

/// <summary>A bearer token from a file, which is read for every request because tokens are rotated in place.</summary>
internal sealed class TokenFileAuthorization(string path) : IAuthorization
{
    public async ValueTask<AuthenticationHeaderValue> GetAsync(CancellationToken cancellationToken) => await ReadAsync(cancellationToken);

    public async ValueTask<AuthenticationHeaderValue?> RenewAsync(AuthenticationHeaderValue refused, CancellationToken cancellationToken)
    {
        AuthenticationHeaderValue now = await ReadAsync(cancellationToken);
        return now.Equals(refused) ? null : now;
    }

    public void Dispose()
    {
    }

    private async Task<AuthenticationHeaderValue> ReadAsync(CancellationToken cancellationToken)
    {
        string token = Encoding.UTF8.GetString(await TargetFile.ReadAsync(path, "the token", cancellationToken)).Trim(
            '\uFEFF', ' ', '\t', '\r', '\n');
        return token.Length > 0 && token.All(character => character is > ' ' and < '\x7F')
            ? new AuthenticationHeaderValue("Bearer", token)
            : throw new TargetException($"The file of the token ({path}) holds no token: one line of printable ASCII is expected.");
    }
}

/// <summary>The body of a request, each write of which is watched; once it is sent, the answer is waited for.</summary>
internal sealed class WatchedRequestContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly PeerWatch _watch;

    public WatchedRequestContent(HttpContent inner, PeerWatch watch)
    {
        _inner = inner;
        _watch = watch;
        foreach ((string name, IEnumerable<string> values) in inner.Headers)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await _inner.CopyToAsync(new WatchedStream(stream, _watch), context, cancellationToken);
        _watch.BeginAnswer();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }
}

/// <summary>
/// Ends a request whose peer makes no progress, or too little, at taking the body or at sending the answer. Connecting has a timeout of its
/// own.
/// </summary>
internal sealed class PeerTimeoutHandler(WaitLimits limits, TimeProvider time) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        PeerWatch watch = new(limits, request.RequestUri!.Authority, time, cancellationToken);
        HttpContent? content = request.Content;
        try
        {
            if (content is null)
            {
                watch.BeginAnswer();
            }
            else
            {
                request.Content = new WatchedRequestContent(content, watch);
            }

            HttpResponseMessage response = await base.SendAsync(request, watch.Token);
            watch.End(bytes: 0);
            response.Content = new WatchedResponseContent(response.Content, watch);
            return response;
        }
        catch (Exception exception) when (watch.HasExpired && !cancellationToken.IsCancellationRequested)
        {
            watch.Dispose();
            throw watch.Expired(exception);
        }
        catch
        {
            watch.Dispose();
            throw;
        }
        finally
        {
            // The request may be sent again, and its owner disposes of the content.
            request.Content = content;
        }
    }
}

/// <summary>The body of an answer, each read of which is watched.</summary>
internal sealed class WatchedResponseContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly PeerWatch _watch;

    public WatchedResponseContent(HttpContent inner, PeerWatch watch)
    {
        _inner = inner;
        _watch = watch;
        foreach ((string name, IEnumerable<string> values) in inner.Headers)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken)
        => new WatchedStream(await _inner.ReadAsStreamAsync(cancellationToken), _watch);

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using Stream source = await CreateContentReadStreamAsync(cancellationToken);
        await source.CopyToAsync(stream, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            _watch.Dispose();
        }

        base.Dispose(disposing);
    }
}
