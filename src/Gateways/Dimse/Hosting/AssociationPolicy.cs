using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Options;

namespace ImagingIngestion.Gateways.Dimse.Hosting;

/// <summary>
/// Decides on association requests: titles by exact match, then the authoriser, then what the services of this process offer together.
/// </summary>
public sealed class AssociationPolicy(DimseOptions options, IEnumerable<SopClassOffer> offers, IDimseAuthorizer authorizer)
    : IAssociationPolicy
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

/// <summary>What a DIMSE service offers to those who ask for associations; the services register one or more.</summary>
public sealed record SopClassOffer
{
    /// <summary>Whether the offer is about this abstract syntax.</summary>
    public required Func<string, bool> Covers { get; init; }

    /// <summary>Picks one of the proposed transfer syntaxes; null when it takes none.</summary>
    public required Func<IReadOnlyList<string>, string?> ChooseTransferSyntax { get; init; }

    /// <summary>
    /// The requestor may be SCP of the SOP class, where it proposes to: it gets instances by C-GET, or reports of storage commitment.
    /// </summary>
    public bool AllowsRequestorAsScp { get; init; }

    /// <summary>What is granted of a proposed extended negotiation; null grants nothing.</summary>
    public Func<ExtendedNegotiation, ExtendedNegotiation?> Negotiate { get; init; } = _ => null;
}
