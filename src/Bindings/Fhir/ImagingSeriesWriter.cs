using System.Text.Json;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.Events;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Writes a series of an ImagingStudy with its instances.</summary>
internal static class ImagingSeriesWriter
{
    public static void Write(Utf8JsonWriter json, EventSeries series, string? timezoneOffset)
    {
        EventAttributes attributes = new(series.Attributes);
        json.WriteStartObject();
        json.WriteString("uid", series.SeriesInstanceUID);
        json.WriteUnsigned("number", series.Number);
        WriteModality(json, series.Modality);
        json.WriteText("description", FhirText.Clean(attributes.Text(DicomTag.SeriesDescription)));
        json.WriteNumber("numberOfInstances", series.Instances.Count);
        if (FhirText.Clean(attributes.Text(DicomTag.BodyPartExamined)) is { } bodyPart)
        {
            json.WriteStartObject("bodySite");
            json.WriteString("display", bodyPart);
            json.WriteEndObject();
        }

        WriteLaterality(json, attributes.Text(DicomTag.Laterality));
        json.WriteText(
            "started", FhirDateTime.From(attributes.Text(DicomTag.SeriesDate), attributes.Text(DicomTag.SeriesTime), timezoneOffset));
        WriteInstances(json, series.Instances);
        json.WriteEndObject();
    }

    private static void WriteInstances(Utf8JsonWriter json, IReadOnlyList<EventInstance> instances)
    {
        if (instances.Count == 0)
        {
            return;
        }

        json.WriteStartArray("instance");
        foreach (EventInstance instance in instances)
        {
            WriteInstance(json, instance);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes the modality, which R4 requires; one that is no code becomes display text without a system.</summary>
    private static void WriteModality(Utf8JsonWriter json, string? modality)
    {
        json.WritePropertyName("modality");
        if (FhirText.Code(modality) is { } code)
        {
            json.WriteCoding(FhirNames.DicomTerms, code);
            return;
        }

        json.WriteStartObject();
        json.WriteUnknown();
        json.WriteText("display", FhirText.Clean(modality));
        json.WriteEndObject();
    }

    /// <summary>Writes Laterality (0020,0060), R or L, with the codes of R4's value set.</summary>
    private static void WriteLaterality(Utf8JsonWriter json, string? laterality)
    {
        (string Code, string Display)? side = laterality?.Trim(' ') switch
        {
            "L" => ("419161000", "Unilateral left"),
            "R" => ("419465000", "Unilateral right"),
            _ => null,
        };
        if (side is { } known)
        {
            json.WritePropertyName("laterality");
            json.WriteCoding(FhirNames.Snomed, known.Code, known.Display);
        }
    }

    private static void WriteInstance(Utf8JsonWriter json, EventInstance instance)
    {
        json.WriteStartObject();
        json.WriteString("uid", instance.SopInstanceUID);
        json.WritePropertyName("sopClass");
        json.WriteCoding(FhirNames.Uri, FhirNames.OidPrefix + instance.SopClassUID);
        json.WriteUnsigned("number", instance.Number);
        json.WriteEndObject();
    }
}
