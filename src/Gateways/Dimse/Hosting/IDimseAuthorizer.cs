using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Gateways.Dimse.Hosting;

/// <summary>
/// Decides who may have an association, by user identity (PS3.7 section D.3.3.7), certificate, address or title. Register another one to
/// take the default's place.
/// </summary>
public interface IDimseAuthorizer
{
    /// <summary>Asked for each request whose titles are taken.</summary>
    ValueTask<DimseAuthorization> AuthorizeAsync(AssociationOffer offer, CancellationToken cancellationToken);
}

/// <summary>What an authoriser says.</summary>
/// <param name="IsAllowed">False rejects the association for good.</param>
/// <param name="IdentityResponse">
/// Goes to a requestor that asked for a response to its identity: a ticket or an assertion; empty for names and passcodes. Null where the
/// authoriser did not verify the identity: an answer would confirm it (PS3.7 section D.3.3.7.2).
/// </param>
public sealed record DimseAuthorization(bool IsAllowed, ReadOnlyMemory<byte>? IdentityResponse);

/// <summary>Takes everyone without a look at identities, so that it confirms none.</summary>
internal sealed class OpenAuthorizer : IDimseAuthorizer
{
    public ValueTask<DimseAuthorization> AuthorizeAsync(AssociationOffer offer, CancellationToken cancellationToken)
        => ValueTask.FromResult(new DimseAuthorization(IsAllowed: true, IdentityResponse: null));
}
