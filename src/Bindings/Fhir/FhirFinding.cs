namespace ImagingIngestion.Bindings.Fhir;

/// <summary>What looking for the resource of a study came to: a resource, none, or an end of the attempt.</summary>
/// <param name="Resource">The resource to update; null when there is none.</param>
/// <param name="End">Set when the attempt ends here.</param>
internal sealed record FhirFinding(StoredImagingStudy? Resource, DeliveryResult? End)
{
    public static FhirFinding None { get; } = new(null, null);

    public static FhirFinding Of(StoredImagingStudy resource) => new(resource, null);

    public static FhirFinding Ends(DeliveryResult result) => new(null, result);
}
