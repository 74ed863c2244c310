using System.Text.Json;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>
/// Writes the subject: a reference by Patient ID (0010,0020), never a Patient of our own. R4 asks for a subject; where the patient is not
/// known, the reference says so.
/// </summary>
/// <param name="defaultSystem">The system of an identifier without Issuer of Patient ID (0010,0021).</param>
internal sealed class SubjectWriter(string? defaultSystem)
{
    private static readonly string[] UriSchemes = ["urn:", "http://", "https://"];

    /// <summary>FHIR's type uri has no white space.</summary>
    private readonly string? _defaultSystem = FhirText.Identifier(defaultSystem) is { } system
        && !system.Contains(' ', StringComparison.Ordinal) ? system : null;

    public void Write(Utf8JsonWriter json, EventAttributes attributes)
    {
        json.WriteStartObject();
        if (FhirText.Identifier(attributes.Text(DicomTag.PatientID)) is { } patient)
        {
            json.WriteString("type", "Patient");
            json.WriteStartObject("identifier");
            json.WriteIdentifierType("MR");
            WriteIssuer(json, FhirText.Clean(attributes.Text(DicomTag.IssuerOfPatientID)), patient);
            json.WriteEndObject();
        }
        else
        {
            json.WriteUnknown();
            json.WriteString("type", "Patient");
            json.WriteString("display", "Unknown patient");
        }

        json.WriteEndObject();
    }

    /// <summary>
    /// An issuer that is no URI or OID names the assigner. The default system is not for it: the same number of two issuers is two
    /// patients.
    /// </summary>
    private void WriteIssuer(Utf8JsonWriter json, string? issuer, string patient)
    {
        json.WriteText("system", issuer is null ? _defaultSystem : SystemOf(issuer));
        json.WriteString("value", patient);
        if (issuer is not null && SystemOf(issuer) is null)
        {
            json.WriteStartObject("assigner");
            json.WriteString("display", issuer);
            json.WriteEndObject();
        }
    }

    private static string? SystemOf(string issuer)
        => issuer.Contains('.', StringComparison.Ordinal) && DicomUid.IsValid(issuer) ? FhirNames.OidPrefix + issuer
            : UriSchemes.Any(scheme => issuer.StartsWith(scheme, StringComparison.Ordinal))
                && Uri.IsWellFormedUriString(issuer, UriKind.Absolute) ? issuer
            : null;
}
