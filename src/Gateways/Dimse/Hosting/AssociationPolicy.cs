using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Options;

namespace ImagingIngestion.Gateways.Dimse.Hosting;

/// <summary>Decides on association requests: titles by exact match, then the authoriser, then what the services of this process offer together.</summary>
public sealed class AssociationPolicy(DimseOptions options, IEnumerable<SopClassOffer> offers, IDimseAuthorizer authorizer) : IAssociationPolicy
{
    private const string Any = "*";

    private readonly SopClassOffer[] _offers = [.. offers];
    private readonly HashSet<string> _called = [options.AeTitle, .. options.CalledAeTitles];
    private readonly HashSet<string> _calling = [.. options.CallingAeTitles];

    public async ValueTask<AssociationDecision> DecideAsync(AssociationOffer offer, CancellationToken cancellationToken)
    {
        if (!_called.Contains(offer.CalledAeTitle.Value) && !_called.Contains(Any))
        {
            return AssociationDecision.Reject(RejectReason.CalledAeTitleNotRecognized);
        }

        if (_calling.Count > 0 && !_calling.Contains(offer.CallingAeTitle.Value))
        {
            return AssociationDecision.Reject(RejectReason.CallingAeTitleNotRecognized);
        }

        DimseAuthorization authorization = await authorizer.AuthorizeAsync(offer, cancellationToken);
        if (!authorization.IsAllowed)
        {
            return AssociationDecision.Reject(RejectReason.NoReason);
        }

        UserInformation asked = offer.UserInformation;
        return AssociationDecision.Accept([.. offer.PresentationContexts.Select(Judge)]) with
        {
            Roles = [.. asked.RoleSelections.Where(role => Covering(role.SopClassUid).Any()).Select(Grant)],
            ExtendedNegotiations = [.. asked.ExtendedNegotiations.Select(Negotiate).OfType<ExtendedNegotiation>()],
            UserIdentityResponse = authorization.IdentityResponse,
        };
    }

    private IEnumerable<SopClassOffer> Covering(string sopClass) => _offers.Where(offer => offer.Covers(sopClass));

    private ContextResult Judge(ProposedContext context)
    {
        SopClassOffer? offer = Covering(context.AbstractSyntax).FirstOrDefault();
        string? chosen = offer?.ChooseTransferSyntax(context.TransferSyntaxes);
        ContextResultReason reason = offer is null ? ContextResultReason.AbstractSyntaxNotSupported
            : chosen is null ? ContextResultReason.TransferSyntaxesNotSupported
            : ContextResultReason.Acceptance;

        // The field has to be there though it means nothing after a refusal.
        return new ContextResult(context.Id, reason, chosen ?? context.TransferSyntaxes.FirstOrDefault() ?? "");
    }

    private RoleSelection Grant(RoleSelection role)
        => role with { IsScp = role.IsScp && Covering(role.SopClassUid).Any(offer => offer.AllowsRequestorAsScp) };

    private ExtendedNegotiation? Negotiate(ExtendedNegotiation proposed)
        => Covering(proposed.SopClassUid).Select(offer => offer.Negotiate(proposed)).FirstOrDefault(granted => granted is not null);
}
