using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Gateways.Dimse.Echo;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Dimse.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Tests.Dimse;

public sealed class AssociationPolicyTests
{
    private const string Implicit = "1.2.840.10008.1.2";
    private const string Explicit = "1.2.840.10008.1.2.1";
    private const string Ct = "1.2.840.10008.5.1.4.1.1.2";
    private const string Verification = "1.2.840.10008.1.1";

    [Theory]
    [InlineData("DICOM-INGEST", true)]
    [InlineData("ALIAS", true)]
    [InlineData("dicom-ingest", false)]
    [InlineData("OTHER", false)]
    public async Task Called_titles_are_matched_exactly(string called, bool isTaken)
    {
        AssociationDecision decision =
            await DecideAsync(new DimseOptions { CalledAeTitles = ["ALIAS"] }, Offer() with { CalledAeTitle = new AeTitle(called) });

        Assert.Equal(isTaken ? null : RejectReason.CalledAeTitleNotRecognized, decision.Rejection);
    }

    [Fact]
    public async Task A_star_takes_any_called_title()
        => Assert.Null((await DecideAsync(
            new DimseOptions { CalledAeTitles = ["*"] }, Offer() with { CalledAeTitle = new AeTitle("OTHER") })).Rejection);

    [Theory]
    [InlineData("CT1", true)]
    [InlineData("ct1", false)]
    [InlineData("CT2", false)]
    public async Task Calling_titles_are_matched_exactly_where_some_are_listed(string calling, bool isTaken)
    {
        AssociationDecision decision =
            await DecideAsync(new DimseOptions { CallingAeTitles = ["CT1"] }, Offer() with { CallingAeTitle = new AeTitle(calling) });

        Assert.Equal(isTaken ? null : RejectReason.CallingAeTitleNotRecognized, decision.Rejection);
        Assert.Null((await DecideAsync(new DimseOptions(), Offer() with { CallingAeTitle = new AeTitle(calling) })).Rejection);
    }

    [Fact]
    public async Task Each_context_is_judged_by_the_first_offer_that_covers_it()
    {
        SopClassOffer first = new() { Covers = uid => uid == Verification, ChooseTransferSyntax = proposed => proposed[^1] };
        SopClassOffer second = new()
        {
            Covers = uid => uid is Verification or Ct,
            ChooseTransferSyntax = proposed => proposed.Contains(Explicit) ? Explicit : null
        };

        AssociationDecision decision = await DecideAsync(new DimseOptions(), Offer(
            new(1, Verification, [Explicit, Implicit]),
            new(3, Ct, [Implicit, Explicit]),
            new(5, Ct, [Implicit]),
            new(7, "1.2.3", [Implicit])), first, second);

        Assert.Equal(
            [
                new(1, ContextResultReason.Acceptance, Implicit),
                new(3, ContextResultReason.Acceptance, Explicit),
                new(5, ContextResultReason.TransferSyntaxesNotSupported, Implicit),
                new(7, ContextResultReason.AbstractSyntaxNotSupported, Implicit),
            ],
            decision.Contexts);
    }

    [Theory]
    [InlineData(Implicit, Implicit)]
    [InlineData("1.2.3.4," + Explicit, Explicit)]
    [InlineData("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.50")]
    [InlineData("1.2.3.4", null)]
    [InlineData(Ct, null)]
    [InlineData("", null)]
    public void Verification_is_accepted_with_known_transfer_syntaxes_only(string proposed, string? chosen)
    {
        SopClassOffer offer = new ServiceCollection().AddDimseEcho().BuildServiceProvider().GetRequiredService<SopClassOffer>();

        Assert.Equal(chosen, offer.ChooseTransferSyntax(proposed.Split(',', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task A_proposal_that_could_not_be_read_is_refused_alone()
    {
        SopClassOffer all = StorageOffer.Create(new DimseOptions());

        AssociationDecision decision =
            await DecideAsync(new DimseOptions(), Offer(new(1, "", []), new(3, Ct, []), new(5, Ct, [Explicit])), all);

        Assert.Equal(
            [
                new(1, ContextResultReason.AbstractSyntaxNotSupported, ""),
                new(3, ContextResultReason.TransferSyntaxesNotSupported, ""),
                new(5, ContextResultReason.Acceptance, Explicit),
            ],
            decision.Contexts);
    }

    [Fact]
    public async Task The_role_of_an_scp_is_granted_only_where_an_offer_allows_it()
    {
        SopClassOffer plain = new() { Covers = uid => uid is Ct or Verification, ChooseTransferSyntax = proposed => proposed[0] };
        SopClassOffer retrieval = new()
        {
            Covers = uid => uid == Ct,
            ChooseTransferSyntax = proposed => proposed[0],
            AllowsRequestorAsScp = true
        };
        AssociationOffer offer = Offer(new ProposedContext(1, Ct, [Implicit]));
        offer = offer with { UserInformation = offer.UserInformation with
        {
            RoleSelections = [new(Ct, false, true), new(Verification, true, true), new("1.2.3", true, true)]
        } };

        AssociationDecision decision = await DecideAsync(new DimseOptions(), offer, plain, retrieval);

        Assert.Equal([new(Ct, false, true), new(Verification, true, false)], decision.Roles);
    }

    [Fact]
    public async Task Extended_negotiation_is_granted_as_an_offer_says()
    {
        SopClassOffer query = new()
        {
            Covers = uid => uid == Ct,
            ChooseTransferSyntax = proposed => proposed[0],
            Negotiate = asked => asked with { Information = new byte[] { 0 } }
        };
        AssociationOffer offer = Offer(new ProposedContext(1, Ct, [Implicit]));
        offer = offer with { UserInformation = offer.UserInformation with
        {
            ExtendedNegotiations = [new(Ct, new byte[] { 1, 1 }), new("1.2.3", new byte[] { 1 })]
        } };

        ExtendedNegotiation granted = Assert.Single((await DecideAsync(new DimseOptions(), offer, query)).ExtendedNegotiations);

        Assert.Equal(Ct, granted.SopClassUid);
        Assert.Equal([0], granted.Information.ToArray());
    }

    [Fact]
    public async Task An_identity_that_no_authoriser_looked_at_is_not_confirmed()
        => Assert.Null((await DecideAsync(new DimseOptions(), Identified())).UserIdentityResponse);

    [Fact]
    public async Task An_authoriser_sees_the_identity_and_confirms_it_or_says_no()
    {
        NamedOnly authorizer = new("admin"u8.ToArray());
        AssociationPolicy policy = new(Options.Create(new DimseOptions()), [], authorizer);

        AssociationDecision accepted = await policy.DecideAsync(Identified(), CancellationToken.None);

        Assert.Null(accepted.Rejection);
        Assert.Equal(0, accepted.UserIdentityResponse?.Length);
        Assert.Equal(RejectReason.NoReason, (await policy.DecideAsync(Offer(), CancellationToken.None)).Rejection);
    }

    private static AssociationOffer Identified()
    {
        AssociationOffer offer = Offer();
        return offer with { UserInformation = offer.UserInformation with
        {
            UserIdentity = new UserIdentity(1, IsResponseRequested: true, "admin"u8.ToArray(), default)
        } };
    }

    private static AssociationOffer Offer(params ProposedContext[] contexts) => new()
    {
        CalledAeTitle = new AeTitle("DICOM-INGEST"),
        CallingAeTitle = new AeTitle("CT1"),
        PresentationContexts = contexts,
        UserInformation = new UserInformation { MaximumLength = 16384 },
    };

    private static async Task<AssociationDecision> DecideAsync(DimseOptions options, AssociationOffer offer, params SopClassOffer[] offers)
        => await new AssociationPolicy(Options.Create(options), offers, new OpenAuthorizer()).DecideAsync(offer, CancellationToken.None);

    private sealed class NamedOnly(byte[] name) : IDimseAuthorizer
    {
        public ValueTask<DimseAuthorization> AuthorizeAsync(AssociationOffer offer, CancellationToken cancellationToken)
            => ValueTask.FromResult(new DimseAuthorization(
                offer.UserInformation.UserIdentity?.Primary.Span.SequenceEqual(name) == true, ReadOnlyMemory<byte>.Empty));
    }
}
