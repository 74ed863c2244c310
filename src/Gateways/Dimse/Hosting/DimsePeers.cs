using ImagingIngestion.Dimse.Scu;

namespace ImagingIngestion.Gateways.Dimse.Hosting;

/// <summary>The application entities that this system may call, by their titles.</summary>
public sealed class DimsePeers
{
    private readonly Dictionary<string, DimsePeer> _peers;

    /// <param name="peers">With titles of their own.</param>
    public DimsePeers(IEnumerable<DimsePeer> peers) => _peers = peers.ToDictionary(peer => peer.AeTitle.Value, StringComparer.Ordinal);

    /// <summary>Null when the title is not configured.</summary>
    public DimsePeer? Find(string aeTitle) => _peers.GetValueOrDefault(aeTitle);
}
