using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Dimse.Hosting;

/// <summary>
/// Decides on association requests: titles by exact match, then the authoriser, then the offers of the services of this process.
/// </summary>
public sealed class AssociationPolicy(IOptions<DimseOptions> options, IEnumerable<SopClassOffer> offers, IDimseAuthorizer authorizer)
    : IAssociationPolicy
{
    private readonly DimseOptions _options = options.Value;
    private const string Any = "*";

    private readonly SopClassOffer[] _offers = [.. offers];
    private readonly HashSet<string> _called = [options.Value.AeTitle, .. options.Value.CalledAeTitles];
    private readonly HashSet<string> _calling = [.. options.Value.CallingAeTitles];

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
        return AssociationDecision.Accept([.. offer.PresentationContexts.Select(Decide)]) with
        {
            Roles = [.. asked.RoleSelections.Where(role => Covering(role.SopClassUid).Any()).Select(Grant)],
            ExtendedNegotiations = [.. asked.ExtendedNegotiations.Select(Negotiate).OfType<ExtendedNegotiation>()],
            UserIdentityResponse = authorization.IdentityResponse,
        };
    }

    private IEnumerable<SopClassOffer> Covering(string sopClass) => _offers.Where(offer => offer.Covers(sopClass));

    private ContextResult Decide(ProposedContext context)
    {
        SopClassOffer? offer = Covering(context.AbstractSyntax).FirstOrDefault();
        string? chosen = offer?.ChooseTransferSyntax(context.TransferSyntaxes);
        ContextResultReason reason = offer is null ? ContextResultReason.AbstractSyntaxNotSupported
            : chosen is null ? ContextResultReason.TransferSyntaxesNotSupported
            : ContextResultReason.Acceptance;

        // The field is required even after a refusal, where it means nothing.
        return new ContextResult(context.Id, reason, chosen ?? context.TransferSyntaxes.FirstOrDefault() ?? "");
    }

    private RoleSelection Grant(RoleSelection role)
        => role with { IsScp = role.IsScp && Covering(role.SopClassUid).Any(offer => offer.AllowsRequestorAsScp) };

    private ExtendedNegotiation? Negotiate(ExtendedNegotiation proposed)
        => Covering(proposed.SopClassUid).Select(offer => offer.Negotiate(proposed)).FirstOrDefault(granted => granted is not null);
}

/// <summary>What a DIMSE service offers to requestors; each service registers one or more.</summary>
public sealed record SopClassOffer
{
    /// <summary>Returns whether the offer covers this abstract syntax.</summary>
    public required Func<string, bool> Covers { get; init; }

    /// <summary>Picks one of the proposed transfer syntaxes; null for none.</summary>
    public required Func<IReadOnlyList<string>, string?> ChooseTransferSyntax { get; init; }

    /// <summary>
    /// The requestor may propose to be SCP of the SOP class: it receives instances by C-GET, or reports of storage commitment.
    /// </summary>
    public bool AllowsRequestorAsScp { get; init; }

    /// <summary>Returns the granted part of a proposed extended negotiation; null for nothing.</summary>
    public Func<ExtendedNegotiation, ExtendedNegotiation?> Negotiate { get; init; } = _ => null;
}

/// <summary>Decides who may have an association, by user identity (PS3.7 section D.3.3.7), certificate, address or title.</summary>
/// <remarks>Register another implementation to replace the default.</remarks>
public interface IDimseAuthorizer
{
    /// <summary>Decides on a request whose titles are accepted.</summary>
    ValueTask<DimseAuthorization> AuthorizeAsync(AssociationOffer offer, CancellationToken cancellationToken);
}

/// <summary>The decision of an authoriser.</summary>
/// <param name="IsAllowed">False rejects the association permanently.</param>
/// <param name="IdentityResponse">
/// The response to a requestor that asked for one: a ticket or an assertion; empty for names and passcodes. Null if the authoriser did not
/// verify the identity, because an answer would confirm it (PS3.7 section D.3.3.7.2).
/// </param>
public sealed record DimseAuthorization(bool IsAllowed, ReadOnlyMemory<byte>? IdentityResponse);

/// <summary>Accepts everyone without verifying identities, so that it confirms none.</summary>
internal sealed class OpenAuthorizer : IDimseAuthorizer
{
    public ValueTask<DimseAuthorization> AuthorizeAsync(AssociationOffer offer, CancellationToken cancellationToken)
        => ValueTask.FromResult(new DimseAuthorization(IsAllowed: true, IdentityResponse: null));
}

/// <summary>The transfer syntaxes of identifiers, actions and events, which the services write themselves, unlike instances.</summary>
internal static class DataSetSyntaxes
{
    /// <summary>Explicit VR first, because it names the VRs.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        TransferSyntax.ExplicitVRLittleEndian.Uid,
        TransferSyntax.ImplicitVRLittleEndian.Uid
    ];

    /// <summary>Returns the best proposed one; null for none.</summary>
    public static string? Choose(IReadOnlyList<string> proposed) => All.FirstOrDefault(proposed.Contains);
}
