using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ImagingIngestion.Settings;

/// <summary>Describes settings for people, as a Markdown table, and for programs, as a JSON schema.</summary>
public static class SettingsDocument
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    /// <summary>Returns the table of settings, one row each.</summary>
    public static string Table(IEnumerable<OptionsSection> sections)
    {
        StringBuilder text = new("| setting | older name | default | meaning |\n|---|---|---|---|\n");
        foreach (Setting setting in sections.SelectMany(section => section.Settings))
        {
            string name = $"`{setting.Key}`{(setting.CommandLine is { } option ? $", `{option}`" : "")}";
            AddRow(
                text,
                name,
                setting.OlderName is { } older ? $"`{older}`" : "",
                setting.Default ?? setting.Form.Default ?? "",
                setting.Meaning);
        }

        return text.ToString();
    }

    /// <summary>Adds a row to a table of Markdown.</summary>
    public static void AddRow(StringBuilder text, params IReadOnlyList<string> cells)
        => text
            .Append('|')
            .AppendJoin("|", cells.Select(cell => cell.Length == 0 ? " " : $" {cell.Replace("|", "\\|", StringComparison.Ordinal)} "))
            .Append("|\n");

    /// <summary>Returns the JSON schema of the section <c>Imaging</c>, as it stands in <c>appsettings.json</c>.</summary>
    /// <param name="sections">The sections of all features.</param>
    /// <param name="bindings">The schema of the section of bindings.</param>
    public static string Schema(IEnumerable<OptionsSection> sections, JsonObject bindings)
    {
        JsonObject root = NewObject();
        foreach (Setting setting in sections.SelectMany(section => section.Settings).Where(setting => !setting.IsTopLevel))
        {
            Add(root, setting.Key.Split(':'), Property(setting.Form, setting.Meaning, setting.Default));
        }

        ((JsonObject)root["properties"]!)["Bindings"] = bindings;
        JsonObject schema = new()
        {
            ["$schema"] = "https://json-schema.org/draft-07/schema#",
            ["title"] = "Settings of the imaging-ingestion processes",
            ["type"] = "object",
            ["properties"] = new JsonObject { [Setting.Root] = root },
        };
        return schema.ToJsonString(Readable) + "\n";
    }

    /// <summary>Returns the schema of one setting.</summary>
    public static JsonObject Property(SettingForm form, string meaning, string? defaultText)
    {
        JsonObject schema = form.Schema();
        string unless = (defaultText ?? form.Default)?.Replace("`", "", StringComparison.Ordinal) is { } text ? $" Default: {text}." : "";
        schema["description"] = meaning + "." + unless;
        return schema;
    }

    /// <summary>Returns the schema of an object whose properties are listed and which has no others.</summary>
    public static JsonObject NewObject()
        => new() { ["type"] = "object", ["properties"] = new JsonObject(), ["additionalProperties"] = false };

    /// <summary>Adds a property below an object, and the objects between the two.</summary>
    public static void Add(JsonObject parent, ReadOnlySpan<string> path, JsonObject property)
    {
        JsonObject properties = (JsonObject)parent["properties"]!;
        if (path.Length == 1)
        {
            properties[path[0]] = property;
            return;
        }

        if (properties[path[0]] is not JsonObject child)
        {
            child = NewObject();
            properties[path[0]] = child;
        }

        Add(child, path[1..], property);
    }
}
