using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Tests.Peers;

/// <summary>Takes every context in the first transfer syntax that is proposed, and every role.</summary>
internal sealed class AcceptingPolicy : IAssociationPolicy
{
    public List<AssociationOffer> Offers { get; } = [];

    public Func<AssociationOffer, CancellationToken, ValueTask<AssociationDecision>>? Decide { get; init; }

    public ValueTask<AssociationDecision> DecideAsync(AssociationOffer offer, CancellationToken cancellationToken)
    {
        lock (Offers)
        {
            Offers.Add(offer);
        }

        return Decide is { } decide ? decide(offer, cancellationToken) : new ValueTask<AssociationDecision>(Accept(offer));
    }

    public static AssociationDecision Accept(AssociationOffer offer)
        => AssociationDecision.Accept([.. offer.PresentationContexts.Select(
            context => new ContextResult(context.Id, ContextResultReason.Acceptance, context.TransferSyntaxes[0]))])
            with { Roles = offer.UserInformation.RoleSelections };
}
