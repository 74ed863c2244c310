using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ImagingIngestion.Grains.Events;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Knows the Host names that a process answers to.</summary>
/// <remarks>A request with any other name was led here by DNS rebinding, or the name is missing in the settings.</remarks>
internal sealed class OwnHosts(IOptions<ServerOptions> server, IOptions<HttpOptions> http, IOptions<EventOptions> events)
{
    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>
    /// The loopback names, the hosts of the configured URLs, the addresses that are listened on, and those of the setting.
    /// </summary>
    public IReadOnlyList<string> All
    {
        get
        {
            HashSet<string> hosts = new(Loopback, StringComparer.OrdinalIgnoreCase);
            hosts.UnionWith(Configured);
            foreach (string url in server.Value.Urls)
            {
                string host = HostOf(url);
                hosts.UnionWith(
                    IsEveryAddress(host) ? InterfaceAddresses() : IsOneAddress(host) ? [host] : [host, .. InterfaceAddresses()]);
            }

            return [.. hosts];
        }
    }

    /// <summary>Other machines reach the process although no setting names it.</summary>
    public bool AreUnknown => !Configured.Any() && server.Value.Urls.Any(url => !IsLoopback(HostOf(url)));

    private IEnumerable<string> Configured => http.Value.AllowedHosts.Concat(
        new[] { server.Value.BaseUrl, events.Value.WadoInternalEndpoint }.OfType<string>().Select(HostOf));

    private static bool IsOneAddress(string host) => host == "localhost" || IPAddress.TryParse(host.Trim('[', ']'), out _);

    private static bool IsLoopback(string host)
        => host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static bool IsEveryAddress(string host)
        => host is "*" or "+" || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address)
            && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));

    /// <summary>Returns the host of an address to listen on. Kestrel listens everywhere for *, + and any name but localhost.</summary>
    private static string HostOf(string url)
    {
        string authority = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..].Split('/', 2)[0];
        return authority[0] is '*' or '+' ? authority[..1] : new Uri("http://" + authority).Host;
    }

    /// <summary>Returns the addresses of this machine: a request whose Host is one of them was not led here by a foreign name.</summary>
    /// <remarks>Probes of orchestrators use an address.</remarks>
    private static IEnumerable<string> InterfaceAddresses()
        => from network in NetworkInterface.GetAllNetworkInterfaces()
           from unicast in network.GetIPProperties().UnicastAddresses
           where unicast.Address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6
               && !unicast.Address.IsIPv6LinkLocal
           select HttpOptions.UrlHost(unicast.Address);
}

/// <summary>Turns addresses that a server listens on into ones that this machine can call.</summary>
public static class ListenAddress
{
    /// <summary>Returns the address without a slash at its end, with the loopback address for all interfaces.</summary>
    public static string Reachable(string address)
        => address.TrimEnd('/')
            .Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//[::]", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//*", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//+", "//127.0.0.1", StringComparison.Ordinal);

    /// <summary>Returns the same for an address without scheme and port, as DIMSE has it.</summary>
    public static string ReachableHost(string address) => address is "*" or "0.0.0.0" or "::" ? "127.0.0.1" : address;
}
