using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Settings;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Keeps one FHIR R4 ImagingStudy for each study.</summary>
public sealed record FhirBindingOptions
{
    internal const string EndpointKey = "FHIR_ENDPOINT";

    private const string WadoMeaning = "the WADO-RS root that resources name";

    /// <summary>The endpoint ends in <c>/ImagingStudy</c>.</summary>
    public HttpTargetOptions Target { get; set; } = new();

    /// <summary>The WADO-RS root that resources name, instead of that of the storage space.</summary>
    public Uri? ImagingStudyEndpoint { get; set; }

    /// <summary>The system of the patient identifier if Issuer of Patient ID (0010,0021) names none; null leaves it out.</summary>
    public string? PatientIdSystem { get; set; }

    /// <summary>A resource that shows another subject is overwritten: for servers whose resources others change, too.</summary>
    public bool OverwritesSubject { get; set; }

    /// <summary>Old documents disagree about the name of the WADO-RS root; the second one wins.</summary>
    internal static readonly IReadOnlyList<BindingKey> Keys =
    [
        HttpTargetOptions.Url(
            EndpointKey, "Fhir:Target:Endpoint", "FHIR: URL of the target; `/ImagingStudy` is added if it is missing", "/ImagingStudy"),
        .. HttpTargetOptions.Keys("FHIR", "Fhir"),
        HttpTargetOptions.Url("IMAGINGSTUDY_ENDPOINT", "Fhir:ImagingStudyEndpoint", WadoMeaning) with
        {
            Default = "that of the storage space"
        },
        HttpTargetOptions.Url("IMAGING_STUDY_ENDPOINT", "Fhir:ImagingStudyEndpoint", WadoMeaning) with
        {
            Default = "that of the storage space"
        },
        new(
            "FHIR_PATIENT_ID_SYSTEM",
            "Fhir:PatientIdSystem",
            HttpTargetOptions.Text(256),
            "system of the patient identifier without an issuer"),
        new(
            "FHIR_OVERWRITE_SUBJECT",
            "Fhir:OverwritesSubject",
            Form.Flag(),
            "overwrites a found resource that shows another subject, instead of a dead letter"),
    ];
}
