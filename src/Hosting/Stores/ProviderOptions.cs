using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Hosting.Stores;

/// <summary>The storage space that the roots serve.</summary>
public sealed record ProviderOptions
{
    /// <summary>The settings of this class.</summary>
    public static readonly OptionsSection<ProviderOptions> Section = new(
        "Provider",
        defaults =>
        [
            new(
                "Provider:Name",
                Form.Text(
                    "must have 1 to 64 ASCII letters, digits, '.', '_' or '-', the first a letter or digit",
                    text => ProviderName.IsValid(text) ? text : null,
                    defaults.Name),
                "the storage space; part of every identity") { OlderName = "PROVIDER_NAME" },
        ],
        (section, options) => section.Bind(options));

    /// <summary>The name of the storage space: part of the identity of everything stored in it.</summary>
    public string Name { get; set; } = "default";

    /// <summary>The storage space as the domain knows it.</summary>
    public ProviderName Space => new(Name);
}
