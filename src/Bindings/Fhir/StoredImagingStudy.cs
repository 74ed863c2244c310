using System.Text.Json;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>The relevant parts of an ImagingStudy on a server.</summary>
internal sealed record StoredImagingStudy
{
    public required string Id { get; init; }

    /// <summary>The version for <c>If-Match</c>; null if the server names none.</summary>
    public string? VersionId { get; init; }

    /// <summary>The revision that the resource shows; null if it names none.</summary>
    public int? Revision { get; init; }

    public StudyOwner Owner { get; init; }

    /// <summary>The meta element; undefined if there is none.</summary>
    public JsonElement Meta { get; init; }

    /// <summary>The subject; undefined if there is none.</summary>
    public JsonElement Subject { get; init; }

    /// <summary>Returns the value of the identifier with <see cref="FhirNames.StoredStudy"/>.</summary>
    public static string IdentityOf(StudyKey key) => $"{key.Provider.Value}/{key.Study.Value}";

    /// <summary>Reads a resource; returns null if it is no ImagingStudy of that study.</summary>
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

    /// <summary>Returns whether the resource has an identifier of the system, with the value unless that is null.</summary>
    private static bool HasIdentifier(JsonElement resource, string system, string? value)
        => FhirJson.Items(resource, "identifier").Any(
            identifier => FhirJson.Text(identifier, "system") == system && (value is null || FhirJson.Text(identifier, "value") == value));
}

/// <summary>The owner of an ImagingStudy with the UID of a study.</summary>
internal enum StudyOwner
{
    /// <summary>The resource names no storage space: another system or a person made it.</summary>
    Nobody,

    /// <summary>The resource names the study in this storage space.</summary>
    Us,

    /// <summary>The resource names the same study in another storage space.</summary>
    OtherSpace,
}
