using System.Net;
using ImagingIngestion.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace ImagingIngestion.Gateways.Http;

/// <summary>The senders whose forwarding headers are believed: those of the setting, and nobody else, not even this machine.</summary>
internal sealed class KnownProxies
{
    private readonly HashSet<IPAddress> _addresses = [];
    private readonly List<IPNetwork> _networks = [];

    public KnownProxies(HttpOptions options)
    {
        foreach (string text in options.KnownProxies)
        {
            if (IPAddress.TryParse(text, out IPAddress? address))
            {
                _addresses.Add(address);
            }
            else
            {
                _networks.Add(IPNetwork.Parse(text));
            }
        }
    }

    public bool Contains(IPAddress? sender)
    {
        IPAddress? address = sender is { IsIPv4MappedToIPv6: true } ? sender.MapToIPv4() : sender;
        return address is not null && (_addresses.Contains(address) || _networks.Exists(network => network.Contains(address)));
    }

    /// <summary>Gives the framework the same list. Without one it would believe everybody, so that it is turned off then.</summary>
    public void ApplyTo(ForwardedHeadersOptions options)
    {
        options.ForwardedHeaders = _addresses.Count + _networks.Count == 0
            ? ForwardedHeaders.None
            : ForwardedHeaders.XForwardedFor
                | ForwardedHeaders.XForwardedProto
                | ForwardedHeaders.XForwardedHost
                | ForwardedHeaders.XForwardedPrefix;
        options.ForwardLimit = null;
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (IPAddress address in _addresses)
        {
            options.KnownProxies.Add(address);
        }

        foreach (IPNetwork network in _networks)
        {
            options.KnownIPNetworks.Add(network);
        }
    }
}
