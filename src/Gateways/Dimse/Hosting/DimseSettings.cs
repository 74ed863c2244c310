using System.Net;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Ingest;
using ImagingIngestion.Settings;

namespace ImagingIngestion.Gateways.Dimse.Hosting;

/// <summary>Translates the settings for the DIMSE library.</summary>
internal static class DimseSettings
{
    public static AssociationOptions Associations(DimseLimitOptions limits) => new()
    {
        MaximumLength = limits.MaximumLength,
        MaximumSendLength = limits.MaximumLength,
        ArtimTimeout = limits.ArtimTimeout,
        ConnectTimeout = limits.ConnectTimeout,
        AssociationTimeout = limits.AssociationTimeout,
        IdleTimeout = limits.IdleTimeout,
        ReceiveTimeout = limits.ReceiveTimeout,
        SendTimeout = limits.SendTimeout,
        ResponseTimeout = limits.ResponseTimeout,
        MaxOperationsPerformed = limits.MaxOperations,
    };

    /// <exception cref="InvalidDataException">A certificate cannot be used.</exception>
    public static DimseServerOptions Server(DimseOptions options, IngestOptions ingest, OpenFileShares files) => new()
    {
        Address = options.Address == "*" ? IPAddress.IPv6Any : IPAddress.Parse(options.Address),
        Port = options.Port,
        Association = Associations(options.Limits) with { MinRate = ingest.MinRate, RateWindow = ingest.RateWindow },
        MaxAssociations = options.Limits.MaxAssociations,
        MaxAssociationsPerAe = options.Limits.MaxAssociationsPerAe,
        IdleGrace = options.Limits.IdleGrace,
        MaxConnections = Math.Min(files.Dimse, options.Limits.MaxConnections),
        Tls = options.Tls is { IsEnabled: true } tls ? ServerTls(tls) : null,
    };

    /// <exception cref="InvalidDataException">A certificate cannot be used.</exception>
    public static DimsePeers Peers(DimseOptions options)
    {
        DimseTlsClientOptions? tls = options.Peers.Any(peer => peer.UsesTls) ? ClientTls(options.Tls) : null;
        return new DimsePeers(options.Peers.Select(peer => new DimsePeer
        {
            AeTitle = new AeTitle(peer.AeTitle),
            Host = peer.Host,
            Port = peer.Port,
            Tls = peer.UsesTls ? tls : null,
        }));
    }

    private static DimseTlsServerOptions ServerTls(DimseTlsOptions tls)
    {
        OwnCertificate certificate = tls.OwnCertificate()!.ReadOwn();
        return new DimseTlsServerOptions
        {
            Certificate = certificate.Certificate,
            Intermediates = certificate.Intermediates,
            Protocols = tls.Protocols,
            TrustedAuthorities = tls.Authorities()?.ReadAuthorities(),
            ClientCertificates = tls.ClientCertificates switch
            {
                DimseClientCertificateRule.Required => DimseClientCertificates.Required,
                DimseClientCertificateRule.Optional => DimseClientCertificates.Optional,
                _ => DimseClientCertificates.None,
            },
        };
    }

    private static DimseTlsClientOptions ClientTls(DimseTlsOptions? tls)
    {
        OwnCertificate? certificate = tls?.OwnCertificate()?.ReadOwn();
        DimseTlsClientOptions options = new()
        {
            Certificate = certificate?.Certificate,
            Intermediates = certificate?.Intermediates ?? [],
            TrustedAuthorities = tls?.Authorities()?.ReadAuthorities(),
        };
        return tls is null ? options : options with { Protocols = tls.Protocols };
    }
}

/// <summary>The application entities that this system may call, by their titles.</summary>
public sealed class DimsePeers
{
    private readonly Dictionary<string, DimsePeer> _peers;

    /// <param name="peers">The peers, with distinct titles.</param>
    public DimsePeers(IEnumerable<DimsePeer> peers) => _peers = peers.ToDictionary(peer => peer.AeTitle.Value, StringComparer.Ordinal);

    /// <summary>Returns null if the title is not configured.</summary>
    public DimsePeer? Find(string aeTitle) => _peers.GetValueOrDefault(aeTitle);
}
