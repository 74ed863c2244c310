namespace ImagingIngestion.Options;

/// <summary>The storage space that the roots serve.</summary>
public sealed record ProviderOptions
{
    public static Setting NameSetting { get; } = new("Provider:Name", Alias: "PROVIDER_NAME");

    /// <summary>The name of the storage space: part of the identity of everything stored in it.</summary>
    public string Name { get; init; } = "default";

    /// <summary>Reads the options; mistakes are with the reader.</summary>
    public static ProviderOptions Read(SettingsReader settings)
    {
        ProviderOptions options = new() { Name = settings.Text(NameSetting, "default") };
        if (!IsName(options.Name))
        {
            settings.AddMistake(NameSetting, "must have 1 to 64 ASCII letters, digits, '.', '_' or '-', the first a letter or digit");
        }

        return options;
    }

    /// <summary>Whether a storage space may be called so.</summary>
    internal static bool IsName(string text)
        => text.Length is > 0 and <= 64
            && char.IsAsciiLetterOrDigit(text[0])
            && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-');
}
