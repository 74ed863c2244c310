namespace ImagingIngestion.Gateways.Cluster;

/// <summary>How an attempt of a call at one silo ended.</summary>
public enum SiloReplyKind
{
    /// <summary>The silo answered, under the cluster's seal.</summary>
    Answered,

    /// <summary>The silo cannot have got the call.</summary>
    NotSent,

    /// <summary>Whether the silo got the call, or still works on it, is not known.</summary>
    Unknown,
}
