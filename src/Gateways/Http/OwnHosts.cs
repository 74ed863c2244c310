using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ImagingIngestion.Options;

namespace ImagingIngestion.Gateways.Http;

/// <summary>
/// The Host names that a process answers to. Any other is a name that somebody made to lead here (DNS rebinding), or one that is missing in
/// the settings.
/// </summary>
internal static class OwnHosts
{
    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>
    /// Returns the loopback names, the hosts of the configured URLs, the addresses that are listened on, and those of the setting.
    /// </summary>
    public static IReadOnlyList<string> Of(ImagingOptions options)
    {
        HashSet<string> hosts = new(Loopback, StringComparer.OrdinalIgnoreCase);
        hosts.UnionWith(Configured(options));
        foreach (string url in options.Server.Urls)
        {
            string host = HostOf(url);
            hosts.UnionWith(IsEveryAddress(host) ? InterfaceAddresses() : IsOneAddress(host) ? [host] : [host, .. InterfaceAddresses()]);
        }

        return [.. hosts];
    }

    /// <summary>Returns whether other machines reach the process, though no setting says under which name.</summary>
    public static bool AreUnknown(ImagingOptions options)
        => !Configured(options).Any() && options.Server.Urls.Any(url => !IsLoopback(HostOf(url)));

    private static IEnumerable<string> Configured(ImagingOptions options)
        => options.Http.AllowedHosts.Concat(
            new[] { options.Server.BaseUrl, options.Events.WadoInternalEndpoint }.OfType<string>().Select(HostOf));

    private static bool IsOneAddress(string host) => host == "localhost" || IPAddress.TryParse(host.Trim('[', ']'), out _);

    private static bool IsLoopback(string host)
        => host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static bool IsEveryAddress(string host)
        => host is "*" or "+" || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address)
            && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));

    /// <summary>Kestrel listens on every address for * and + and for any name but localhost.</summary>
    private static string HostOf(string url)
    {
        string authority = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..].Split('/', 2)[0];
        return authority[0] is '*' or '+' ? authority[..1] : new Uri("http://" + authority).Host;
    }

    /// <summary>
    /// A request that names the address it was sent to was not led here by a foreign name; probes of orchestrators ask so.
    /// </summary>
    private static IEnumerable<string> InterfaceAddresses()
        => from network in NetworkInterface.GetAllNetworkInterfaces()
           from unicast in network.GetIPProperties().UnicastAddresses
           where unicast.Address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6
               && !unicast.Address.IsIPv6LinkLocal
           select HttpOptions.UrlHost(unicast.Address);
}
