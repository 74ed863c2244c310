namespace ImagingIngestion.Options;

/// <summary>Keeps one FHIR R4 ImagingStudy for each study.</summary>
public sealed record FhirBindingOptions
{
    /// <summary>The endpoint ends in <c>/ImagingStudy</c>.</summary>
    public required HttpTargetOptions Target { get; init; }

    /// <summary>The WADO-RS root that resources name, instead of that of the storage space.</summary>
    public Uri? ImagingStudyEndpoint { get; init; }

    /// <summary>The system of the patient identifier where Issuer of Patient ID (0010,0021) names none; null leaves it out.</summary>
    public string? PatientIdSystem { get; init; }

    /// <summary>A resource that shows another subject is overwritten: for servers whose resources others change, too.</summary>
    public bool OverwritesSubject { get; init; }
}
