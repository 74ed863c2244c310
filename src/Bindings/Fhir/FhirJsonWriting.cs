using System.Text.Json;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Writes data types of FHIR.</summary>
internal static class FhirJsonWriting
{
    /// <summary>A text that may be missing: FHIR has no empty ones.</summary>
    public static void WriteText(this Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    /// <summary>A number that may be missing.</summary>
    public static void WriteUnsigned(this Utf8JsonWriter json, string name, long? value)
    {
        if (FhirText.Unsigned(value) is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    public static void WriteCoding(this Utf8JsonWriter json, string system, string code, string? display = null)
    {
        json.WriteStartObject();
        json.WriteString("system", system);
        json.WriteString("code", code);
        json.WriteText("display", display);
        json.WriteEndObject();
    }

    /// <summary>The type of an identifier by HL7's table 0203.</summary>
    public static void WriteIdentifierType(this Utf8JsonWriter json, string code)
    {
        json.WriteStartObject("type");
        json.WriteStartArray("coding");
        json.WriteCoding(FhirNames.IdentifierTypes, code);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The extension of an element that must be there, but whose value nobody knows.</summary>
    public static void WriteUnknown(this Utf8JsonWriter json)
    {
        json.WriteStartArray("extension");
        json.WriteStartObject();
        json.WriteString("url", FhirNames.DataAbsentReason);
        json.WriteString("valueCode", "unknown");
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
