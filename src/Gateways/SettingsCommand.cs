using System.CommandLine;
using ImagingIngestion.Bindings;
using ImagingIngestion.Hosting;
using ImagingIngestion.Settings;

namespace ImagingIngestion.Gateways;

/// <summary>The command that prints what can be set: for people, and as the schema that the chart and editors check values with.</summary>
public static class SettingsCommand
{
    /// <summary>Begins what is written into a document; the name of the table follows.</summary>
    public const string BeginMark = "<!-- settings: ";

    /// <summary>Ends what is written into a document.</summary>
    public const string EndMark = "<!-- end of settings -->";

    /// <summary>The tables of docs/operations.md by name.</summary>
    public static IReadOnlyDictionary<string, Func<string>> Tables { get; } = new Dictionary<string, Func<string>>(StringComparer.Ordinal)
    {
        ["process"] =
            () => SettingsDocument.Table(ProcessSections.Of(ProcessKind.Silo).Where(section => section != BindingsOptions.Section)),
        ["bindings"] = BindingDocument.Table,
    };

    /// <summary>Returns the JSON schema of all settings.</summary>
    public static string Schema() => SettingsDocument.Schema(ProcessSections.Of(ProcessKind.Silo), BindingDocument.Schema());

    internal static Command Create()
    {
        Option<bool> schema = new("--schema") { Description = "Prints the JSON schema of appsettings.json instead of tables" };
        Option<string> document = new("--into")
        {
            Description = "Writes the tables into a Markdown document, between their marks, instead of printing them", HelpName = "file",
        };
        Command command = new("settings", "Prints every setting with its names, its default and its meaning") { schema, document };
        command.SetAction(async (parsed, token) =>
        {
            if (parsed.GetValue(document) is { } file)
            {
                await File.WriteAllTextAsync(file, Fill(await File.ReadAllTextAsync(file, token)), token);
            }
            else
            {
                string text = parsed.GetValue(schema) ? Schema() : string.Join("\n", Tables.Values.Select(table => table()));
                await Console.Out.WriteAsync(text.AsMemory(), token);
            }
        });
        return command;
    }

    /// <summary>Returns a document with its tables as they are now.</summary>
    public static string Fill(string document)
    {
        foreach ((string name, Func<string> table) in Tables)
        {
            string begin = $"{BeginMark}{name} -->\n";
            int start = document.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
            int end = document.IndexOf(EndMark, start, StringComparison.Ordinal);
            if (start < begin.Length || end < 0)
            {
                throw new InvalidDataException(
                    $"The document has no place for the table {name}: it needs the lines {begin.TrimEnd()} and {EndMark}.");
            }

            document = document[..start] + table() + document[end..];
        }

        return document;
    }
}
