namespace ImagingIngestion.Dimse.Associations;

/// <summary>Decides on association requests.</summary>
public interface IAssociationPolicy
{
    /// <summary>Decides; an exception rejects the association as transient and is logged.</summary>
    ValueTask<AssociationDecision> DecideAsync(AssociationOffer offer, CancellationToken cancellationToken);
}
