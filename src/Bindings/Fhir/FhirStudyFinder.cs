using System.Net;
using System.Text.Json;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Finds the resource of a study.</summary>
/// <remarks>
/// Among the resources with its UID, ours names the storage space. If there is none, a resource that names no space is adopted. One that
/// names another space belongs to another study.
/// </remarks>
internal sealed class FhirStudyFinder(FhirClient client)
{
    private const int MaxPages = 10;
    private const string OtherServer = "The FHIR server names the next page of a search at another server, which is not asked: set the "
        + "address that it is reached by as its base URL there, or here as the endpoint.";

    /// <summary>Searches by the UID of the study.</summary>
    public async Task<FhirFinding> SearchAsync(StudyKey study, CancellationToken cancellationToken)
    {
        List<StoredImagingStudy> found = [];
        TargetReply asked = await client.SearchAsync($"{FhirNames.DicomUid}|{FhirNames.OidPrefix}{study.Study.Value}", cancellationToken);
        for (int page = 1; ; page++)
        {
            using TargetReply reply = asked;
            if (!reply.IsSuccess)
            {
                return FhirFinding.Ends(FhirFaults.Of("a search", reply));
            }

            using JsonDocument? bundle = reply.IsTooLong ? null : FhirJson.Parse(reply.Body);
            if (bundle is null || FhirJson.Text(bundle.RootElement, "resourceType") != "Bundle")
            {
                return FhirFinding.Ends(FhirFaults.Unreadable("a search", reply));
            }

            // A server may add to a bundle what was not requested: outcomes, or all its resources.
            found.AddRange(FhirJson
                .Items(bundle.RootElement, "entry")
                .Select(entry => StoredImagingStudy.Read(FhirJson.Member(entry, "resource"), study))
                .OfType<StoredImagingStudy>());
            if (Next(bundle.RootElement) is not { } next)
            {
                return Choose(found);
            }

            if (page == MaxPages)
            {
                return FhirFinding.Ends(DeliveryResult.Retry(
                    $"The FHIR server answers a search by identifier with more than {MaxPages} pages: it does not search by identifier.",
                    isTargetFault: true));
            }

            if (await client.SearchNextAsync(next, cancellationToken) is not { } following)
            {
                return FhirFinding.Ends(DeliveryResult.Retry(OtherServer, isTargetFault: true));
            }

            asked = following;
        }
    }

    /// <summary>Reads a resource by its id; returns none if it is gone or belongs to another study.</summary>
    public async Task<FhirFinding> ReadAsync(StudyKey study, string id, CancellationToken cancellationToken)
    {
        using TargetReply reply = await client.ReadAsync(id, cancellationToken);
        if (reply.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return FhirFinding.None;
        }

        if (!reply.IsSuccess)
        {
            return FhirFinding.Ends(FhirFaults.Of("a read", reply));
        }

        using JsonDocument? document = reply.IsTooLong ? null : FhirJson.Parse(reply.Body);
        if (document is null)
        {
            return FhirFinding.Ends(FhirFaults.Unreadable("a read", reply));
        }

        StoredImagingStudy? stored = StoredImagingStudy.Read(document.RootElement, study);
        return stored is null || stored.Owner == StudyOwner.OtherSpace
            ? FhirFinding.None
            : Checked(stored with { VersionId = VersionOf(reply.ETag) ?? stored.VersionId });
    }

    private static FhirFinding Choose(List<StoredImagingStudy> found)
    {
        StoredImagingStudy[] candidates = [.. found.Where(resource => resource.Owner == StudyOwner.Us)];
        if (candidates.Length == 0)
        {
            candidates = [.. found.Where(resource => resource.Owner == StudyOwner.Nobody)];
        }

        return candidates.DistinctBy(resource => resource.Id).ToArray() switch
        {
            [] => FhirFinding.None,
            [StoredImagingStudy one] => Checked(one),
            _ => FhirFinding.Ends(Several),
        };
    }

    /// <summary>The result if several resources match: the binding cannot choose.</summary>
    public static DeliveryResult Several { get; } = DeliveryResult.Permanent(
        "Several ImagingStudy resources have this identifier: remove all but one, then replay.");

    private static FhirFinding Checked(StoredImagingStudy resource)
        => FhirText.IsId(resource.Id)
            ? FhirFinding.Of(resource with { VersionId = IsVersion(resource.VersionId) ? resource.VersionId : null })
            : FhirFinding.Ends(DeliveryResult.Permanent("The ImagingStudy resource with this identifier has no valid id."));

    private static string? Next(JsonElement bundle)
        => FhirJson
            .Items(bundle, "link")
            .Where(link => FhirJson.Text(link, "relation") == "next")
            .Select(link => FhirJson.Text(link, "url"))
            .FirstOrDefault();

    private static string? VersionOf(string? tag) => tag?.Trim('"') is { } version && IsVersion(version) ? version : null;

    /// <summary>Returns whether the version can stand in a header between quotes.</summary>
    private static bool IsVersion(string? text)
        => text is { Length: > 0 and <= 128 } && text.All(character => character is > ' ' and < '\u007F' and not ('"' or '\\'));
}

/// <summary>The result of looking for the resource of a study: a resource, none, or the end of the attempt.</summary>
/// <param name="Resource">The resource to update; null if there is none.</param>
/// <param name="End">The result if the attempt ends here; null otherwise.</param>
internal sealed record FhirFinding(StoredImagingStudy? Resource, DeliveryResult? End)
{
    public static FhirFinding None { get; } = new(null, null);

    public static FhirFinding Of(StoredImagingStudy resource) => new(resource, null);

    public static FhirFinding Ends(DeliveryResult result) => new(null, result);
}
