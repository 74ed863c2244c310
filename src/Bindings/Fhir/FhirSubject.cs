using System.Buffers;
using System.Text.Json;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Whom a subject means, as far as it can be compared.</summary>
/// <param name="Value">The value of its identifier, or the literal reference where it has none; null for nobody.</param>
/// <param name="System">The system of the identifier; null where it has none.</param>
/// <param name="IsReference">It is a literal reference, which says nothing of the Patient ID.</param>
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

    /// <summary>Whom we would name.</summary>
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

    /// <summary>True where it names nobody, or the same: the same value, and no two different systems.</summary>
    public bool MayBe(FhirSubject other)
        => Value is null || (Value == other.Value
            && IsReference == other.IsReference
            && (System is null || other.System is null || System == other.System));
}
