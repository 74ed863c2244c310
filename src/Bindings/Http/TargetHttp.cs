using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Http;

/// <summary>Creates the HTTP client of a target: its connections, certificates and authorisation.</summary>
/// <remarks>
/// The client follows no redirect, keeps no cookies, and ignores the proxies of the environment, because requests carry patient data.
/// </remarks>
public static partial class TargetHttp
{
    /// <summary>The most bytes of an answer that is read as a whole.</summary>
    private const int MaxAnswerBytes = 16 << 20;

    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(10);

    /// <summary>Creates a client with pooled connections.</summary>
    /// <remarks>
    /// A whole request has no timeout, because it may be gigabytes long. A request ends if it makes no progress for the idle timeout, or
    /// drips for longer than the answer timeout. Failures are <see cref="HttpRequestException"/>, or
    /// <see cref="OperationCanceledException"/> if connecting takes too long: <see cref="TargetFaults"/> describes both.
    /// </remarks>
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

    /// <summary>Creates the client of the token endpoint.</summary>
    /// <remarks>
    /// Another host than the target gets neither the client certificate nor an exemption from verification. Its certificate may come from
    /// the authorities of the system or from the target's.
    /// </remarks>
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
