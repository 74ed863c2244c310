using System.Text.Json;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>An ImagingStudy as a server holds it, as far as it matters here.</summary>
internal sealed record StoredImagingStudy
{
    public required string Id { get; init; }

    /// <summary>What <c>If-Match</c> names; null when the server did not say.</summary>
    public string? VersionId { get; init; }

    /// <summary>The revision that it shows; null when it names none.</summary>
    public int? Revision { get; init; }

    public StudyOwner Owner { get; init; }

    /// <summary>Its meta element, undefined when it has none.</summary>
    public JsonElement Meta { get; init; }

    /// <summary>Its subject, undefined when it has none.</summary>
    public JsonElement Subject { get; init; }

    /// <summary>The value of the identifier with <see cref="FhirNames.StoredStudy"/>.</summary>
    public static string IdentityOf(StudyKey key) => $"{key.Provider.Value}/{key.Study.Value}";

    /// <summary>Reads a resource; null when it is not an ImagingStudy of that study.</summary>
    public static StoredImagingStudy? Read(JsonElement resource, StudyKey key)
    {
        if (FhirJson.Text(resource, "resourceType") != "ImagingStudy"
            || !HasIdentifier(resource, FhirNames.DicomUid, FhirNames.OidPrefix + key.Study.Value))
        {
            return null;
        }

        JsonElement meta = FhirJson.Member(resource, "meta");
        JsonElement subject = FhirJson.Member(resource, "subject");
        return new StoredImagingStudy
        {
            Id = FhirJson.Text(resource, "id") ?? "",
            VersionId = FhirJson.Text(meta, "versionId"),
            Revision = ReadRevision(resource),
            Owner = HasIdentifier(resource, FhirNames.StoredStudy, IdentityOf(key)) ? StudyOwner.Us
                : HasIdentifier(resource, FhirNames.StoredStudy, null) ? StudyOwner.OtherSpace
                : StudyOwner.Nobody,
            Meta = meta.ValueKind == JsonValueKind.Object ? meta.Clone() : default,
            Subject = subject.ValueKind == JsonValueKind.Object ? subject.Clone() : default,
        };
    }

    private static int? ReadRevision(JsonElement resource)
    {
        int? newest = null;
        foreach (JsonElement extension in FhirJson.Items(resource, "extension"))
        {
            if (FhirJson.Text(extension, "url") == FhirNames.Revision
                && FhirJson.Member(extension, "valueUnsignedInt") is { ValueKind: JsonValueKind.Number } value
                && value.TryGetInt32(out int revision) && revision >= (newest ?? 0))
            {
                newest = revision;
            }
        }

        return newest;
    }

    /// <summary>Has an identifier of the system, with the value unless that is null.</summary>
    private static bool HasIdentifier(JsonElement resource, string system, string? value)
        => FhirJson.Items(resource, "identifier").Any(
            identifier => FhirJson.Text(identifier, "system") == system && (value is null || FhirJson.Text(identifier, "value") == value));
}

/// <summary>Whose an ImagingStudy with the UID of a study is.</summary>
internal enum StudyOwner
{
    /// <summary>It names no storage space: another system, or a person, made it.</summary>
    Nobody,

    /// <summary>It names the study in this storage space.</summary>
    Us,

    /// <summary>It names the same study in another storage space.</summary>
    OtherSpace,
}
