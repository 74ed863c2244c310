using System.Globalization;
using System.Text.Json.Nodes;

namespace ImagingIngestion.Tests;

/// <summary>The ImagingStudy resources of a <see cref="FhirServer"/> with all their versions. A deleted one ends in a null.</summary>
internal sealed class FhirStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, List<JsonObject?>> _resources = [];

    /// <summary>The newest version of each resource that is there.</summary>
    public IReadOnlyList<JsonObject> Current
    {
        get
        {
            lock (_lock)
            {
                return [.. _resources.Values.Select(versions => versions[^1]).OfType<JsonObject>().Select(Copy)];
            }
        }
    }

    public IReadOnlyList<JsonObject?> Versions(string id)
    {
        lock (_lock)
        {
            return Find(id) is { } versions ? [.. versions.Select(version => version is null ? null : Copy(version))] : [];
        }
    }

    /// <summary>Creates the resource, unless the condition finds some: then returns one of them and their number.</summary>
    public (JsonObject? Resource, int Matches) Create(JsonObject resource, string? condition)
    {
        lock (_lock)
        {
            if (condition is not null && Search(condition) is { Count: > 0 } matches)
            {
                return (matches[0], matches.Count);
            }

            int id = _resources.Count + 1;
            _resources.Add(id, []);
            return (Add(id, resource), 0);
        }
    }

    /// <summary>Updates the resource if the version is the current one; returns null if not, and whether the resource exists.</summary>
    public (JsonObject? Resource, bool Exists) Update(string id, JsonObject resource, string? version)
    {
        lock (_lock)
        {
            if (Find(id) is not { } versions || versions[^1] is null)
            {
                return (null, false);
            }

            return version is not null && version != VersionText(versions.Count)
                ? (null, true)
                : (Add(int.Parse(id, CultureInfo.InvariantCulture), resource), true);
        }
    }

    public void Delete(string id)
    {
        lock (_lock)
        {
            Find(id)!.Add(null);
        }
    }

    /// <summary>Returns the resources with an identifier, <c>system|value</c>.</summary>
    public IReadOnlyList<JsonObject> Search(string identifier)
    {
        string[] token = identifier.Split('|', 2);
        return [.. Current.Where(resource => resource["identifier"] is JsonArray identifiers
            && identifiers.Any(one => token.Length == 2 && (string?)one!["system"] == token[0] && (string?)one["value"] == token[1]))];
    }

    private static JsonObject Copy(JsonObject resource) => (JsonObject)resource.DeepClone();

    private static string VersionText(int version) => version.ToString(CultureInfo.InvariantCulture);

    private List<JsonObject?>? Find(string id)
        => int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && _resources.TryGetValue(number, out List<JsonObject?>? versions) ? versions : null;

    private JsonObject Add(int id, JsonObject resource)
    {
        List<JsonObject?> versions = _resources[id];
        JsonObject stored = Copy(resource);
        JsonObject meta = stored["meta"] as JsonObject ?? [];
        stored.Remove("meta");
        meta["versionId"] = VersionText(versions.Count + 1);
        stored["id"] = VersionText(id);
        stored["meta"] = Copy(meta);
        versions.Add(stored);
        return Copy(stored);
    }
}
