using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Http;

/// <summary>Opens the connections to a target, with TLS 1.2 or later for an https URL.</summary>
/// <remarks>Certificates are read for each connection, so that rotated ones take effect and a refusal can say why.</remarks>
internal sealed class TargetConnector(TargetCertificate target, ClientCertificate? own)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        NetworkStream stream = new(socket, ownsSocket: true);
        return context.InitialRequestMessage.RequestUri?.Scheme == Uri.UriSchemeHttps
            ? await SecureAsync(stream, context.DnsEndPoint.Host, cancellationToken)
            : stream;
    }

    private async Task<SslStream> SecureAsync(NetworkStream stream, string host, CancellationToken cancellationToken)
    {
        string? refusal = null;
        SslStream secure = new(stream, leaveInnerStreamOpen: false);
        try
        {
            X509Certificate2Collection? authorities = await target.ReadAuthoritiesAsync(cancellationToken);
            SslClientAuthenticationOptions options = new()
            {
                TargetHost = host,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ApplicationProtocols = [SslApplicationProtocol.Http11],
                ClientCertificateContext = own is null ? null : await own.CurrentAsync(cancellationToken),
                RemoteCertificateValidationCallback = (
                    _, certificate, chain, errors) => (refusal = target.Refuse(host, certificate, chain, errors, authorities)) is null,
            };
            await secure.AuthenticateAsClientAsync(options, cancellationToken);
            return secure;
        }
        catch (AuthenticationException exception) when (refusal is not null)
        {
            await secure.DisposeAsync();
            throw new TargetException(refusal, exception);
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }
}

/// <summary>Decides whether to trust the certificate of a target, and explains a refusal.</summary>
/// <remarks>Revocation is not checked: clusters seldom reach the lists.</remarks>
internal sealed partial class TargetCertificate(HttpTargetOptions options, bool trustsSystem, TimeProvider time, ILogger logger)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private static readonly TimeSpan WarnBefore = TimeSpan.FromDays(14);
    private static readonly TimeSpan WarnEvery = TimeSpan.FromDays(1);

    private readonly ILogger _logger = logger;
    private long _lastWarning = long.MinValue;

    /// <summary>Reads the authorities of the target's settings before a handshake; returns null for those of the system alone.</summary>
    /// <exception cref="TargetException">The file cannot be read, or has no certificate.</exception>
    public async ValueTask<X509Certificate2Collection?> ReadAuthoritiesAsync(CancellationToken cancellationToken)
        => options is { InsecureSkipVerify: false, CaFile: { } file }
            ? await TrustedAuthorities.ReadAsync(file, password: null, cancellationToken)
            : null;

    /// <summary>Returns null if the certificate is trusted, else the reason for an operator.</summary>
    public string? Refuse(
        string host, X509Certificate? shown, X509Chain? built, SslPolicyErrors errors, X509Certificate2Collection? authorities)
    {
        if (shown is not X509Certificate2 certificate)
        {
            return options.InsecureSkipVerify ? null : $"The target {host} showed no certificate.";
        }

        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset end = new(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero);
        WarnOfEnd(host, end, now);
        if (options.InsecureSkipVerify)
        {
            return null;
        }

        if (end < now)
        {
            return $"The certificate of the target has expired on {end:yyyy-MM-dd HH:mm:ss}Z ({host}); it has to be renewed there.";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return $"The certificate of the target is for another name than {host}; correct the endpoint, or the certificate there.";
        }

        bool isTrusted = authorities is null || trustsSystem ? !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) : false;
        if (isTrusted)
        {
            return null;
        }

        return authorities is not null
            ? RefuseByFile(host, certificate, built, authorities, now)
            : Untrusted(host, built, "Set a CA file if a private authority has issued it.");
    }

    private static string Untrusted(string host, X509Chain? chain, string advice)
    {
        X509ChainStatusFlags[] reasons = [.. (chain?.ChainStatus ?? []).Select(status => status.Status).Distinct()];
        return $"The certificate of the target {host} is not trusted: {(reasons.Length == 0
            ? "no chain"
            : string.Join(", ", reasons))}. {advice}";
    }

    private string? RefuseByFile(
        string host, X509Certificate2 certificate, X509Chain? built, X509Certificate2Collection authorities, DateTimeOffset now)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        foreach (X509Certificate2 sent in built?.ChainPolicy.ExtraStore ?? [])
        {
            chain.ChainPolicy.ExtraStore.Add(sent);
        }

        return chain.Build(certificate)
            ? null
            : Untrusted(host, chain, $"The CA file ({options.CaFile}) must hold the authority that has issued it.");
    }

    private void WarnOfEnd(string host, DateTimeOffset end, DateTimeOffset now)
    {
        long last = Interlocked.Read(ref _lastWarning);
        if (end - now < WarnBefore
            && (last == long.MinValue || now.UtcTicks - last >= WarnEvery.Ticks)
            && Interlocked.CompareExchange(ref _lastWarning, now.UtcTicks, last) == last)
        {
            LogEndsSoon(host, end);
        }
    }

    [LoggerMessage(
        6102,
        LogLevel.Warning,
        "The certificate of the target {Host} ends on {End:u}; nothing is delivered there after that unless it is renewed")]
    private partial void LogEndsSoon(string host, DateTimeOffset end);
}
