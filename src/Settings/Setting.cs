namespace ImagingIngestion.Settings;

/// <summary>One value that can be set: the names that set it, the form of its text, and what it means.</summary>
/// <remarks>
/// Reading, validation, the table in docs/operations.md and the JSON schema all come from this definition. The option of the command line
/// wins over <see cref="ConfigurationKey"/> and its environment name, and these win over <see cref="OlderName"/>.
/// </remarks>
/// <param name="Key">Section and key, separated by colons, below the section <c>Imaging</c> of <c>appsettings.json</c>.</param>
/// <param name="Form">How the text is read.</param>
/// <param name="Meaning">What the value does, for the table of settings.</param>
public sealed record Setting(string Key, SettingForm Form, string Meaning)
{
    /// <summary>The section of all settings in the configuration.</summary>
    public const string Root = "Imaging";

    /// <summary>The option of the command line; null if there is none.</summary>
    public string? CommandLine { get; init; }

    /// <summary>The environment name that existing ConfigMaps and Secrets use; null if there is none.</summary>
    public string? OlderName { get; init; }

    /// <summary>What applies if the value is not set, where the form does not know it.</summary>
    public string? Default { get; init; }

    /// <summary>Where the options class is bound from; the key unless set.</summary>
    public string Path { get => field ?? Key; init; }

    /// <summary>
    /// The key stands at the top of the configuration, as the names of existing ConfigMaps do, and not below <see cref="Root"/>.
    /// </summary>
    public bool IsTopLevel { get; init; }

    /// <summary>Where .NET configuration keeps the value.</summary>
    public string ConfigurationKey => IsTopLevel ? Key : $"{Root}:{Key}";

    /// <summary>The environment variable that .NET configuration reads into <see cref="ConfigurationKey"/>.</summary>
    public string EnvironmentName => ConfigurationKey.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>The names to offer to someone who has to change the value.</summary>
    public string Names => string.Join(" or ", new[] { CommandLine, EnvironmentName, OlderName }.Where(name => name is not null));
}
