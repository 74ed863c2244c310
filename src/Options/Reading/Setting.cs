namespace ImagingIngestion.Options;

/// <summary>
/// The names under which one value can be set. The command line wins over <see cref="Key"/> and its environment name, these over
/// <see cref="Alias"/>.
/// </summary>
/// <param name="Key">Section and key, parted by a colon, below the section <c>Imaging</c> of <c>appsettings.json</c>.</param>
/// <param name="CommandLine">The option of the command line, where there is one.</param>
/// <param name="Alias">The environment name that existing ConfigMaps use, where there is one.</param>
public sealed record Setting(string Key, string? CommandLine = null, string? Alias = null)
{
    /// <summary>
    /// The key stands at the top of the configuration, as the names of existing ConfigMaps do, and not below the section <c>Imaging</c>.
    /// </summary>
    public bool IsTopLevel { get; init; }

    /// <summary>Where .NET configuration keeps the value.</summary>
    public string ConfigurationKey => IsTopLevel ? Key : "Imaging:" + Key;

    /// <summary>The environment variable that .NET configuration reads into <see cref="ConfigurationKey"/>.</summary>
    public string EnvironmentName => ConfigurationKey.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>The names to offer to someone who has to change the value.</summary>
    public string Names => string.Join(" or ", new[] { CommandLine, EnvironmentName, Alias }.Where(name => name is not null));
}
