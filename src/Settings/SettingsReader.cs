using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Settings;

/// <summary>
/// Reads settings from everything that is given, under each of their names, and writes them in the form that options are bound from.
/// </summary>
/// <remarks>
/// A setting that is wrong is noted as a mistake and left out, so that its options keep their default and all mistakes are found at once.
/// </remarks>
/// <param name="given">All configuration sources; the options of the command line stand in it under their own names.</param>
/// <param name="values">Where the values are written.</param>
public sealed class SettingsReader(IConfiguration given, IDictionary<string, string?> values)
{
    /// <summary>What is wrong with the settings read so far.</summary>
    public Mistakes Mistakes { get; } = new();

    /// <summary>Returns the text of a setting, or null if it is not set or empty.</summary>
    public string? Find(Setting setting) => Given(setting.CommandLine) ?? Given(setting.ConfigurationKey) ?? Given(setting.OlderName);

    /// <summary>Returns the names directly below a key of the section <c>Imaging</c>.</summary>
    public IReadOnlyList<string> Children(string key)
        => [.. given.GetSection($"{Setting.Root}:{key}").GetChildren().Select(child => child.Key)];

    /// <summary>Reads one setting and writes its value.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="path">Where its value is written; the setting's own path unless given.</param>
    public void Read(Setting setting, string? path = null)
    {
        Dictionary<string, string?> written = [];
        if (TryRead(setting, path ?? setting.Path, written))
        {
            foreach ((string key, string? value) in written)
            {
                values[key] = value;
            }
        }
    }

    /// <summary>Reads one setting that has no effect here, only to note a mistake in it.</summary>
    public void Check(Setting setting) => TryRead(setting, setting.Path, []);

    /// <summary>Writes a value that does not come from a setting of its own.</summary>
    public void Write(string path, string value) => values[path] = value;

    private bool TryRead(Setting setting, string path, Dictionary<string, string?> written)
    {
        bool isRead = true;
        if (Find(setting) is { } text)
        {
            isRead = setting.Form.TryWrite(text, path, written);
        }
        else if (setting.Form.IsList && Items(setting) is { Count: > 0 } items)
        {
            isRead = setting.Form.TryWrite(items, path, written);
        }
        else
        {
            setting.Form.WriteDefault(path, written);
        }

        if (!isRead)
        {
            Mistakes.Add(setting, setting.Form.Rule);
        }

        return isRead;
    }

    private List<string> Items(Setting setting)
        => setting.IsTopLevel
            ? []
            : [.. given.GetSection(setting.ConfigurationKey).GetChildren().Select(child => child.Value?.Trim() ?? "")];

    private string? Given(string? name) => name is not null && given[name]?.Trim() is { Length: > 0 } text ? text : null;
}
