using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>What a side does with the primitives of PS3.8 section 7.1 until the association is open.</summary>
internal interface IAssociationOpener
{
    /// <summary>This side asked for the association.</summary>
    bool IsRequestor { get; }

    /// <summary>Whether the service provider takes the request (action AE-6); null when it does.</summary>
    RejectReason? Judge(AssociateRequestPdu request);

    /// <summary>A-ASSOCIATE indication.</summary>
    void OnRequested(AssociateRequestPdu request);

    /// <summary>A-ASSOCIATE confirmation, accepted.</summary>
    void OnAccepted(AssociateAcceptPdu accept);

    /// <summary>A-ASSOCIATE confirmation, rejected.</summary>
    void OnRejected(AssociateRejectPdu reject);

    /// <summary>It ended before it was open.</summary>
    void OnFailed(AssociationException reason);
}
