using System.Text;
using System.Text.Json.Nodes;
using ImagingIngestion.Settings;

namespace ImagingIngestion.Bindings;

/// <summary>Describes the keys of bindings, for people and for programs.</summary>
public static class BindingDocument
{
    private const string Prefix = "<KIND>";

    private static readonly string[] HttpKinds = ["STOW", "FHIR", "WEBHOOK"];

    /// <summary>Returns the table of keys, one row each; keys that differ only in the kind they begin with share a row.</summary>
    public static string Table()
    {
        StringBuilder text = new("| key | in the environment itself | kinds | default | meaning |\n|---|---|---|---|---|\n");
        Add(text, new BindingKey(BindingSettings.OwnName.Key, "", BindingSettings.OwnName.Form, BindingSettings.OwnName.Meaning)
        {
            Default = BindingSettings.OwnName.Default,
        }, "environment only");
        Dictionary<(string Key, string Meaning), List<string>> kinds = [];
        Dictionary<(string Key, string Meaning), BindingKey> rows = [];
        foreach ((string kind, IReadOnlyList<BindingKey> keys) in BindingSettings.KeysOfKinds)
        {
            foreach (BindingKey key in keys)
            {
                BindingKey row = key with { Key = Shared(key.Key, kind) };
                rows.TryAdd((row.Key, row.Meaning), row);
                (kinds.TryGetValue((row.Key, row.Meaning), out List<string>? found) ? found : kinds[(row.Key, row.Meaning)] = []).Add(kind);
            }
        }

        foreach (((string, string) id, BindingKey row) in rows)
        {
            Add(text, row, string.Join(", ", kinds[id]));
        }

        foreach (BindingKey key in BindingSettings.CommonKeys)
        {
            Add(text, key, "all");
        }

        return text.ToString();
    }

    /// <summary>Returns the JSON schema of the section <c>Imaging:Bindings</c>.</summary>
    public static JsonObject Schema()
    {
        JsonObject binding = SettingsDocument.NewObject();
        foreach (BindingKey key in BindingSettings.KeysOfKinds.Where(kind => kind.Kind != "sink").SelectMany(kind => kind.Keys).Concat(
            BindingSettings.CommonKeys))
        {
            SettingsDocument.Add(binding, key.Key.Split(':'), SettingsDocument.Property(key.Form, key.Meaning, key.Default));
        }

        return new JsonObject
        {
            ["type"] = "object",
            ["description"] = "The bindings of this process, each under its name.",
            ["propertyNames"] = new JsonObject { ["pattern"] = "^[A-Za-z][A-Za-z0-9_-]{0,63}$" },
            ["additionalProperties"] = binding,
        };
    }

    private static void Add(StringBuilder text, BindingKey key, string kinds)
        => SettingsDocument.AddRow(
            text,
            $"`{key.Key}`",
            key.EnvironmentName == key.Key ? "the same" : $"`{key.EnvironmentName}`",
            kinds,
            key.Default ?? key.Form.Default ?? "",
            key.Meaning);

    private static string Shared(string key, string kind)
        => HttpKinds.FirstOrDefault(http => kind == http.ToLowerInvariant() && BelongsToAll(key, http)) is { } own
            ? Prefix + key[own.Length..]
            : key;

    private static bool BelongsToAll(string key, string http)
        => key.StartsWith(http + "_", StringComparison.Ordinal) && Http.HttpTargetOptions.Keys(http, "").Any(shared => shared.Key == key);
}
