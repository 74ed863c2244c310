using System.Text.Json;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Reads from a CapabilityStatement whether a server can keep an ImagingStudy.</summary>
internal static class FhirCapabilities
{
    private static readonly string[] Interactions = ["read", "create", "update", "search-type"];

    /// <summary>Returns what the server does not offer, with the consequence.</summary>
    public static IEnumerable<(string Missing, string Consequence)> Missing(JsonElement statement)
    {
        JsonElement[] resources = [.. FhirJson.Items(statement, "rest").Where(rest => FhirJson.Text(rest, "mode") == "server")
            .SelectMany(rest => FhirJson.Items(rest, "resource")).Where(resource => FhirJson.Text(resource, "type") == "ImagingStudy")];
        if (resources.Length == 0)
        {
            yield return ("ImagingStudy", "deliveries will fail");
            yield break;
        }

        foreach (string name in Interactions.Where(name => !resources.Any(
            resource => FhirJson.Items(resource, "interaction").Any(interaction => FhirJson.Text(interaction, "code") == name))))
        {
            yield return ($"the interaction {name} for ImagingStudy", "deliveries will fail");
        }

        if (!resources.Any(
            resource => FhirJson.Items(resource, "searchParam").Any(parameter => FhirJson.Text(parameter, "name") == "identifier")))
        {
            yield return ("a search of ImagingStudy by identifier", "deliveries will fail");
        }

        if (!resources.Any(resource => FhirJson.Text(resource, "versioning") == "versioned-update"))
        {
            yield return ("versioned updates (If-Match) of ImagingStudy", "what others write at the same moment can be lost");
        }

        if (!resources.Any(resource => FhirJson.Member(resource, "conditionalCreate").ValueKind == JsonValueKind.True))
        {
            yield return ("conditional create (If-None-Exist) of ImagingStudy", "a create whose answer is lost can make a second resource");
        }
    }
}
