using System.Buffers;
using System.Text.Json;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Writes the subject as a reference by Patient ID (0010,0020); the product creates no Patient.</summary>
/// <remarks>R4 requires a subject: if the patient is not known, the reference says so.</remarks>
/// <param name="defaultSystem">The system of an identifier without Issuer of Patient ID (0010,0021).</param>
internal sealed class SubjectWriter(string? defaultSystem)
{
    private static readonly string[] UriSchemes = ["urn:", "http://", "https://"];

    /// <summary>FHIR's type uri allows no white space.</summary>
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

    /// <summary>Writes the issuer; one that is no URI or OID becomes the assigner.</summary>
    /// <remarks>The default system does not apply then, because the same number of two issuers names two patients.</remarks>
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

/// <summary>The person that a subject names, as far as it can be compared.</summary>
/// <param name="Value">The value of the identifier, or the literal reference without one; null for nobody.</param>
/// <param name="System">The system of the identifier; null without one.</param>
/// <param name="IsReference">The subject is a literal reference, which does not contain the Patient ID.</param>
internal readonly record struct FhirSubject(string? Value, string? System, bool IsReference)
{
    /// <summary>Reads the subject of a resource.</summary>
    public static FhirSubject Of(JsonElement subject)
    {
        JsonElement identifier = FhirJson.Member(subject, "identifier");
        return FhirJson.Text(identifier, "value") is { Length: > 0 } value
            ? new FhirSubject(value, FhirJson.Text(identifier, "system"), IsReference: false)
            : new FhirSubject(FhirJson.Text(subject, "reference"), null, IsReference: true);
    }

    /// <summary>Returns the subject that this binding would write.</summary>
    public static FhirSubject Of(EventAttributes attributes, string? patientIdSystem)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            new SubjectWriter(patientIdSystem).Write(json, attributes);
        }

        using JsonDocument written = JsonDocument.Parse(buffer.WrittenMemory);
        return Of(written.RootElement);
    }

    /// <summary>Returns true if the subject names nobody, or the same value without a different system.</summary>
    public bool MayBe(FhirSubject other)
        => Value is null || (Value == other.Value
            && IsReference == other.IsReference
            && (System is null || other.System is null || System == other.System));
}
