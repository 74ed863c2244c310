using ImagingIngestion.Options;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Silo.Tests.Startup;

/// <summary>Reads settings that a test gives as if they stood in the configuration.</summary>
internal static class GivenSettings
{
    /// <summary>The bindings that they declare, without a mistake.</summary>
    public static IReadOnlyList<BindingOptions> Read(params IEnumerable<(string Name, string Value)> given)
    {
        SettingsReader reader = Reader(Configuration(given));
        IReadOnlyList<BindingOptions> bindings = ImagingOptions.Read(reader).Bindings;
        Assert.Empty(reader.Mistakes);
        return bindings;
    }

    public static IConfigurationRoot Configuration(IEnumerable<(string Name, string Value)> given)
    {
        ConfigurationBuilder builder = new();
        builder.AddInMemoryCollection(given.Select(pair => KeyValuePair.Create(pair.Name, (string?)pair.Value)));
        return builder.Build();
    }

    public static SettingsReader Reader(IConfiguration configuration)
        => new(name => configuration[name], key => configuration.GetSection(key).GetChildren().Select(child => child.Key));
}
