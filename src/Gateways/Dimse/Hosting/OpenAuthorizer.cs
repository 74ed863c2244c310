using ImagingIngestion.Dimse;

namespace ImagingIngestion.Gateways;

/// <summary>Takes everyone; who asks whether its identity was looked at hears that it was.</summary>
internal sealed class OpenAuthorizer : IDimseAuthorizer
{
    public ValueTask<DimseAuthorization> AuthorizeAsync(AssociationOffer offer, CancellationToken cancellationToken)
        => ValueTask.FromResult(new DimseAuthorization(IsAllowed: true, ReadOnlyMemory<byte>.Empty));
}
