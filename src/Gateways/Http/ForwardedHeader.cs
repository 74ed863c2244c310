using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Gives the framework the Forwarded header (RFC 7239) as the X-Forwarded-* headers that it knows.</summary>
/// <remarks>
/// The framework believes them from known proxies only, from the nearest one outwards. A request that has X-Forwarded-* headers keeps them,
/// and its Forwarded header does not count.
/// </remarks>
internal sealed partial class ForwardedHeader(
    RequestDelegate next, IOptions<ForwardedHeadersOptions> options, ILogger<ForwardedHeader> logger)
{
    private const string HeaderPrefix = "X-Forwarded-";
    private const string Forwarded = "Forwarded";

    /// <summary>No scheme and no host: keeps the place of an element that has none.</summary>
    private const string Nothing = "?";

    private int _isLogged;

    public Task InvokeAsync(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        bool isFramework = headers.Keys.Any(name => name.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase));
        bool isStandard = headers.ContainsKey(Forwarded);
        if ((isFramework || isStandard) && !IsKnown(context.Connection.RemoteIpAddress))
        {
            LogOnce(context);
        }
        else if (isStandard && !isFramework)
        {
            Translate(headers);
        }

        return next(context);
    }

    /// <summary>Makes the framework believe the proxies of the setting, and no other sender, not even this machine.</summary>
    public static void Apply(HttpOptions http, ForwardedHeadersOptions options)
    {
        // With two empty lists the framework would believe everybody.
        options.ForwardedHeaders = http.KnownProxies.Count == 0 ? ForwardedHeaders.None : ForwardedHeaders.All;
        options.ForwardLimit = null;
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (string text in http.KnownProxies)
        {
            if (IPAddress.TryParse(text, out IPAddress? address))
            {
                options.KnownProxies.Add(address);
            }
            else
            {
                options.KnownIPNetworks.Add(IPNetwork.Parse(text));
            }
        }
    }

    /// <summary>Translates from the nearest proxy up to the first element without an address: senders behind it cannot be known.</summary>
    private static void Translate(IHeaderDictionary headers)
    {
        List<string> senders = [];
        List<string> hosts = [];
        List<string> schemes = [];
        foreach (string element in headers[Forwarded].ToString().Split(',').Reverse())
        {
            hosts.Insert(0, Value(element, "host") ?? Nothing);
            schemes.Insert(0, Value(element, "proto")?.ToLowerInvariant() ?? Nothing);
            if (Value(element, "for") is not { } sender || !IPEndPoint.TryParse(sender, out _))
            {
                break;
            }

            senders.Insert(0, sender);
        }

        headers[HeaderPrefix + "For"] = string.Join(", ", senders);
        headers[HeaderPrefix + "Host"] = string.Join(", ", hosts);
        headers[HeaderPrefix + "Proto"] = string.Join(", ", schemes);
    }

    private static string? Value(string element, string name)
        => element.Split(';').Select(pair => pair.Split('=', 2, StringSplitOptions.TrimEntries))
            .FirstOrDefault(pair => pair.Length == 2 && pair[0].Equals(name, StringComparison.OrdinalIgnoreCase))?[1].Trim('"');

    private bool IsKnown(IPAddress? sender)
    {
        IPAddress? address = sender is { IsIPv4MappedToIPv6: true } ? sender.MapToIPv4() : sender;
        return address is not null
            && (options.Value.KnownProxies.Contains(address) || options.Value.KnownIPNetworks.Any(network => network.Contains(address)));
    }

    private void LogOnce(HttpContext context)
    {
        if (Interlocked.Exchange(ref _isLogged, 1) == 0)
        {
            LogIgnored(logger, context.Connection.RemoteIpAddress, HttpOptions.Section[nameof(HttpOptions.KnownProxies)].Names);
        }
    }

    [LoggerMessage(
        4120,
        LogLevel.Warning,
        "Forwarding headers from {Address} are ignored; if that is a reverse proxy of yours, set {Setting}. This is logged once")]
    private static partial void LogIgnored(ILogger logger, IPAddress? address, string setting);
}
