using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Dimse.Server;

/// <summary>An association in the table.</summary>
internal interface IAssociationEntry
{
    /// <summary>How long nothing has gone on; null while something does.</summary>
    TimeSpan? Idle { get; }

    /// <summary>How fast the peer is within a message.</summary>
    PeerPace Pace { get; }

    /// <summary>Ends it, because another one takes its place.</summary>
    void GiveWay();
}
