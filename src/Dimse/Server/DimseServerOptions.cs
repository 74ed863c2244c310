using System.Net;
using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Dimse.Server;

/// <summary>Where a server listens, and how much it takes.</summary>
public sealed record DimseServerOptions
{
    /// <summary>IPv6Any takes IPv4, too.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0 takes a free one.</summary>
    public int Port { get; init; } = 11112;

    public AssociationOptions Association { get; init; } = new();

    /// <summary>
    /// Associations at once; one more takes the place of one that is idle, or is rejected as transient (PS3.8 table 9-21: local limit
    /// exceeded).
    /// </summary>
    public int MaxAssociations { get; init; } = 100;

    /// <summary>Associations at once of one calling AE title; 0 for no limit of its own.</summary>
    public int MaxAssociationsPerAe { get; init; }

    /// <summary>How long an association without operation is safe from giving way to a new one.</summary>
    public TimeSpan IdleGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Connections at once, those without an association included; one more is closed.</summary>
    public int MaxConnections { get; init; } = 1000;

    /// <summary>Null listens without TLS.</summary>
    public DimseTlsServerOptions? Tls { get; init; }
}
