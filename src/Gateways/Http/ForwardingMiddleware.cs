using System.Net;
using ImagingIngestion.Options;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Http;

/// <summary>
/// Takes scheme, host and address of the client from the Forwarded header (RFC 7239) of known proxies, as the framework does from
/// X-Forwarded-*, which go before it.
/// </summary>
internal sealed partial class ForwardingMiddleware(RequestDelegate next, KnownProxies proxies, ILogger logger)
{
    private const string HeaderPrefix = "X-Forwarded-";
    private const string Forwarded = "Forwarded";

    private int _isTold;

    public Task InvokeAsync(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        bool isFramework = headers.Keys.Any(name => name.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase));
        bool isStandard = headers.ContainsKey(Forwarded);
        if ((isFramework || isStandard) && !proxies.Contains(context.Connection.RemoteIpAddress))
        {
            TellOnce(context);
        }
        else if (isStandard && !isFramework)
        {
            Apply(context);
        }

        return next(context);
    }

    /// <summary>Goes from the nearest proxy to the client, as long as the sender of an element is known.</summary>
    private void Apply(HttpContext context)
    {
        foreach (string element in context.Request.Headers[Forwarded].ToString().Split(',').Reverse())
        {
            if (!proxies.Contains(context.Connection.RemoteIpAddress))
            {
                return;
            }

            if (Value(element, "host") is { } host && IsHost(host))
            {
                context.Request.Host = new HostString(host);
            }

            if (Value(element, "proto")?.ToLowerInvariant() is "http" or "https")
            {
                context.Request.Scheme = Value(element, "proto")!.ToLowerInvariant();
            }

            if (Value(element, "for") is { } sender)
            {
                context.Connection.RemoteIpAddress = IPEndPoint.TryParse(sender, out IPEndPoint? end) ? end.Address : null;
            }
        }
    }

    private static string? Value(string element, string name)
        => element.Split(';').Select(pair => pair.Split('=', 2, StringSplitOptions.TrimEntries))
            .FirstOrDefault(pair => pair.Length == 2 && pair[0].Equals(name, StringComparison.OrdinalIgnoreCase))?[1].Trim('"');

    private static bool IsHost(string text)
        => text is { Length: > 0 and <= 255 }
            && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_' or ':' or '[' or ']')
            && Uri.TryCreate("http://" + text, UriKind.Absolute, out _);

    private void TellOnce(HttpContext context)
    {
        if (Interlocked.Exchange(ref _isTold, 1) == 0)
        {
            LogIgnored(logger, context.Connection.RemoteIpAddress, HttpOptions.KnownProxiesSetting.Names);
        }
    }

    [LoggerMessage(
        4120,
        LogLevel.Warning,
        "Forwarding headers from {Address} are ignored; if that is a reverse proxy of yours, set {Setting}. This is told once")]
    private static partial void LogIgnored(ILogger logger, IPAddress? address, string setting);
}
