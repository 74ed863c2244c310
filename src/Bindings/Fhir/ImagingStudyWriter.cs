using System.Buffers;
using System.Text.Json;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Writes a revision as a FHIR R4 ImagingStudy.</summary>
/// <remarks>
/// The resource is valid whatever the data set holds: a value that FHIR does not allow is converted if that loses nothing relevant, and
/// left out otherwise.
/// </remarks>
/// <param name="wadoRoot">The WADO-RS root in the resource; null for none.</param>
/// <param name="patientIdSystem">The system of a patient identifier without an issuer.</param>
internal sealed class ImagingStudyWriter(Uri? wadoRoot, string? patientIdSystem)
{
    private const string EndpointId = "wado";

    private readonly SubjectWriter _subject = new(patientIdSystem);

    /// <summary>Writes a resource.</summary>
    /// <param name="study">The study.</param>
    /// <param name="revision">The revision; without series the resource is entered in error.</param>
    /// <param name="stored">The resource that it replaces; null for a new one.</param>
    public ReadOnlyMemory<byte> Write(StudyKey study, StudyRevisionEvent revision, StoredImagingStudy? stored)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("resourceType", "ImagingStudy");
            if (stored is not null)
            {
                json.WriteString("id", stored.Id);
                WriteMeta(json, stored.Meta);
            }

            if (revision.Study.Series.Count > 0)
            {
                WriteEndpoint(json);
            }

            WriteRevision(json, revision.Revision);
            EventAttributes attributes = new(revision.Study.Attributes);
            WriteIdentifiers(json, study, attributes);
            if (revision.Study.Series.Count > 0)
            {
                WriteStudy(json, revision.Study, attributes);
            }
            else
            {
                WriteDeleted(json, attributes, stored);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Keeps what others attach to a resource, such as security labels.</summary>
    /// <remarks>SUBSETTED describes only the read and is dropped.</remarks>
    private static void WriteMeta(Utf8JsonWriter json, JsonElement meta)
    {
        (string Name, JsonElement[] Items)[] kept = [.. new[] { "profile", "security", "tag" }
            .Select(name => (name, FhirJson.Items(meta, name).Where(item => FhirJson.Text(item, "code") != "SUBSETTED").ToArray()))
            .Where(list => list.Item2.Length > 0)];
        if (kept.Length == 0)
        {
            return;
        }

        json.WriteStartObject("meta");
        foreach ((string name, JsonElement[] items) in kept)
        {
            json.WriteStartArray(name);
            foreach (JsonElement item in items)
            {
                item.WriteTo(json);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteRevision(Utf8JsonWriter json, int revision)
    {
        json.WriteStartArray("extension");
        json.WriteStartObject();
        json.WriteString("url", FhirNames.Revision);
        json.WriteNumber("valueUnsignedInt", revision);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteIdentifiers(Utf8JsonWriter json, StudyKey study, EventAttributes attributes)
    {
        json.WriteStartArray("identifier");
        WriteIdentifier(json, FhirNames.DicomUid, FhirNames.OidPrefix + study.Study.Value);
        WriteIdentifier(json, FhirNames.StoredStudy, StoredImagingStudy.IdentityOf(study));
        if (FhirText.Identifier(attributes.Text(DicomTag.AccessionNumber)) is { } accession)
        {
            json.WriteStartObject();
            json.WriteIdentifierType("ACSN");
            json.WriteString("value", accession);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteIdentifier(Utf8JsonWriter json, string system, string value)
    {
        json.WriteStartObject();
        json.WriteString("system", system);
        json.WriteString("value", value);
        json.WriteEndObject();
    }

    private void WriteDeleted(Utf8JsonWriter json, EventAttributes attributes, StoredImagingStudy? stored)
    {
        json.WriteString("status", "entered-in-error");
        json.WritePropertyName("subject");
        if (stored?.Subject.ValueKind == JsonValueKind.Object)
        {
            stored.Subject.WriteTo(json);
        }
        else
        {
            _subject.Write(json, attributes);
        }

        json.WriteNumber("numberOfSeries", 0);
        json.WriteNumber("numberOfInstances", 0);
    }

    private void WriteStudy(Utf8JsonWriter json, EventStudy study, EventAttributes attributes)
    {
        string? offset = attributes.Text(DicomTag.TimezoneOffsetFromUTC);
        json.WriteString("status", "available");
        WriteModalities(json, study);
        json.WritePropertyName("subject");
        _subject.Write(json, attributes);
        json.WriteText("started", FhirDateTime.From(attributes.Text(DicomTag.StudyDate), attributes.Text(DicomTag.StudyTime), offset));
        WriteReferrer(json, attributes);
        if (wadoRoot is not null)
        {
            json.WriteStartArray("endpoint");
            json.WriteStartObject();
            json.WriteString("reference", "#" + EndpointId);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteNumber("numberOfSeries", study.Series.Count);
        json.WriteNumber("numberOfInstances", study.Series.Sum(series => series.Instances.Count));
        json.WriteText("description", FhirText.Clean(attributes.Text(DicomTag.StudyDescription)));
        json.WriteStartArray("series");
        foreach (EventSeries series in study.Series)
        {
            ImagingSeriesWriter.Write(json, series, offset);
        }

        json.WriteEndArray();
    }

    private static void WriteModalities(Utf8JsonWriter json, EventStudy study)
    {
        string[] codes = [.. study.Series.Select(series => FhirText.Code(series.Modality)).OfType<string>().Distinct()];
        if (codes.Length == 0)
        {
            return;
        }

        json.WriteStartArray("modality");
        foreach (string code in codes)
        {
            json.WriteCoding(FhirNames.DicomTerms, code);
        }

        json.WriteEndArray();
    }

    private static void WriteReferrer(Utf8JsonWriter json, EventAttributes attributes)
    {
        if (FhirText.PersonName(attributes.Text(DicomTag.ReferringPhysicianName)) is { } name)
        {
            json.WriteStartObject("referrer");
            json.WriteString("display", name);
            json.WriteEndObject();
        }
    }

    /// <summary>Writes a contained endpoint: the address belongs to this resource alone.</summary>
    private void WriteEndpoint(Utf8JsonWriter json)
    {
        if (wadoRoot is null)
        {
            return;
        }

        json.WriteStartArray("contained");
        json.WriteStartObject();
        json.WriteString("resourceType", "Endpoint");
        json.WriteString("id", EndpointId);
        json.WriteString("status", "active");
        json.WritePropertyName("connectionType");
        json.WriteCoding(FhirNames.ConnectionTypes, "dicom-wado-rs");
        json.WriteStartArray("payloadType");
        json.WriteStartObject();
        json.WriteStartArray("coding");
        json.WriteCoding(FhirNames.PayloadTypes, "any");
        json.WriteEndArray();
        json.WriteString("text", "DICOM");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("payloadMimeType");
        json.WriteStringValue("application/dicom");
        json.WriteEndArray();
        json.WriteString("address", wadoRoot.AbsoluteUri.TrimEnd('/'));
        json.WriteEndObject();
        json.WriteEndArray();
    }
}

/// <summary>Reads values from the attributes of an event.</summary>
internal readonly struct EventAttributes(IReadOnlyList<EventElement> elements)
{
    /// <summary>Returns the whole value, several separated by backslashes; null if there is none.</summary>
    public string? Text(DicomTag tag)
    {
        string hex = tag.ToHex();
        foreach (EventElement element in elements)
        {
            if (hex.AsSpan(0, 4).SequenceEqual(element.Group) && hex.AsSpan(4).SequenceEqual(element.Element))
            {
                return element.Value;
            }
        }

        return null;
    }
}
