namespace ImagingIngestion.Options;

/// <summary>
/// The settings of one binding: a section <c>Bindings:&lt;name&gt;</c> of its own, or the environment of a process that one ConfigMap
/// declares. Remembers what was asked for, so that a key that means nothing here can be named.
/// </summary>
internal sealed class BindingSettings
{
    private const int MaxListLength = 64;

    private readonly string? _section;
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    private BindingSettings(SettingsReader reader, string name, string? section)
    {
        Reader = reader;
        Name = name;
        _section = section;
    }

    public SettingsReader Reader { get; }

    /// <summary>The name of the binding.</summary>
    public string Name { get; }

    /// <summary>The settings below <c>Imaging:Bindings:</c> and this section.</summary>
    public static BindingSettings OfSection(SettingsReader reader, string name, string section) => new(reader, name, section);

    /// <summary>The settings at the top of the configuration.</summary>
    public static BindingSettings OfEnvironment(SettingsReader reader, string name) => new(reader, name, null);

    /// <summary>A key of a ConfigMap: the same name in a section and in the environment.</summary>
    public Setting Key(string key) => Of(key, key);

    /// <summary>
    /// A setting of every kind: <c>CallingAeTitles</c> or <c>Retry:MaxAttempts</c> in a section, <c>BINDING_…</c> with underscores in the
    /// environment.
    /// </summary>
    public Setting Common(string key, string environment) => Of(key, "BINDING_" + environment);

    public bool IsGiven(Setting setting) => Reader.TextOrNull(setting) is not null;

    /// <summary>A text of a limited length without control characters.</summary>
    public string? Text(Setting setting, int mostCharacters)
    {
        string? text = Reader.TextOrNull(setting);
        if (text is null || (text.Length <= mostCharacters && !text.Any(char.IsControl)))
        {
            return text;
        }

        Reader.AddMistake(setting, $"must have at most {mostCharacters} characters and no control characters");
        return null;
    }

    public bool Flag(Setting setting)
        => Reader.Choice(setting, false, ("true", true), ("false", false), ("1", true), ("0", false), ("yes", true), ("no", false));

    /// <summary>An absolute http or https URL without user, password or fragment.</summary>
    public Uri? Url(Setting setting)
    {
        const int mostCharacters = 2048;
        if (Text(setting, mostCharacters) is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url is { Scheme: "http" or "https", UserInfo: "", Fragment: "" })
        {
            return url;
        }

        Reader.AddMistake(setting, "must be an absolute http or https URL without user, password or fragment");
        return null;
    }

    /// <summary>Values parted by commas, or a list of a configuration file.</summary>
    /// <param name="setting">What to read.</param>
    /// <param name="rule">What each value must be, to stand behind the setting's name.</param>
    /// <param name="read">The value as it is kept; null when it does not do.</param>
    public IReadOnlyList<string> List(Setting setting, string rule, Func<string, string?> read)
    {
        List<string> values = [];
        foreach (string text in Parts(setting))
        {
            if (read(text) is not { } value || values.Count == MaxListLength)
            {
                Reader.AddMistake(setting, $"must be at most {MaxListLength} values parted by commas, each {rule}");
                return [];
            }

            if (!values.Contains(value, StringComparer.Ordinal))
            {
                values.Add(value);
            }
        }

        return values;
    }

    /// <summary>
    /// Notes each key of the section that nothing has asked for: a value with a misspelt name would be left out silently.
    /// </summary>
    public void AddUnknownKeys()
    {
        if (_section is null)
        {
            return;
        }

        foreach (string key in Reader.Children(_section).SelectMany(Leaves).Where(key => !_known.Contains(key)))
        {
            Reader.AddMistake($"Bindings:{Name}:{key} means nothing to a binding of this kind; take {new Setting(
                $"{_section}:{key}").Names} away, or correct its name");
        }
    }

    private IEnumerable<string> Leaves(string key)
        => string.Equals(key, "Retry", StringComparison.OrdinalIgnoreCase)
            ? Reader.Children($"{_section}:{key}").Select(child => $"{key}:{child}")
            : [key];

    private IEnumerable<string> Parts(Setting setting)
    {
        const StringSplitOptions clean = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        if (Reader.TextOrNull(setting) is { } text)
        {
            return text.Split(',', clean);
        }

        return setting.IsTopLevel
            ? []
            : Reader.Children(setting.Key).Select(index => Reader.TextOrNull(new Setting($"{setting.Key}:{index}"))?.Trim() ?? "");
    }

    private Setting Of(string key, string environment)
    {
        _known.Add(key);
        return _section is null ? new Setting(environment) { IsTopLevel = true } : new Setting($"{_section}:{key}");
    }
}
