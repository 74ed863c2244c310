using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Gateways.Dimse.Hosting;

/// <summary>Takes everyone without a look at identities, so that it confirms none.</summary>
internal sealed class OpenAuthorizer : IDimseAuthorizer
{
    public ValueTask<DimseAuthorization> AuthorizeAsync(AssociationOffer offer, CancellationToken cancellationToken)
        => ValueTask.FromResult(new DimseAuthorization(IsAllowed: true, IdentityResponse: null));
}
