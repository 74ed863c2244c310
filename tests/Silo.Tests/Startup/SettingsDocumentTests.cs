using System.Reflection;
using System.Text.Json.Nodes;
using ImagingIngestion.Bindings;
using ImagingIngestion.Gateways;
using ImagingIngestion.Hosting;
using ImagingIngestion.Settings;

namespace ImagingIngestion.Silo.Tests.Startup;

/// <summary>The documents generated from the definitions of settings are current, and the definitions fit the options.</summary>
public sealed class SettingsDocumentTests
{
    /// <summary>Settings that are only checked.</summary>
    private static readonly string[] Unbound =
    [
        "Dimse:Tls:KeyStoreType", "Dimse:Tls:TrustStoreType", "Dimse:Tls:CipherSuites", "Bindings:OwnName",
        "Dimse:UsesTls", "Dimse:Tls:KeyStoreType", "Dimse:Tls:TrustStoreType",
    ];

    private static IReadOnlyList<OptionsSection> Sections => ProcessSections.Of(ProcessKind.Silo);

    [Fact]
    public void The_tables_of_the_operations_page_are_current()
    {
        string document = File.ReadAllText(Path.Combine(Root, "docs", "operations.md"));

        Assert.True(
            document == SettingsCommand.Fill(document), "Write them with: ImagingIngestion.Silo settings --into docs/operations.md");
    }

    [Fact]
    public void The_JSON_schema_is_current()
        => Assert.True(
            File.ReadAllText(Path.Combine(Root, "docs", "settings.schema.json")) == SettingsCommand.Schema(),
            "Write it with: ImagingIngestion.Silo settings --schema > docs/settings.schema.json");

    [Fact]
    public void The_JSON_schema_describes_every_setting_below_its_section()
    {
        JsonNode imaging = JsonNode.Parse(SettingsCommand.Schema())!["properties"]!["Imaging"]!;

        Assert.All(Sections.SelectMany(section => section.Settings).Where(setting => !setting.IsTopLevel), setting =>
        {
            JsonNode? found = setting.Key.Split(':').Aggregate((JsonNode?)imaging, (node, name) => node?["properties"]?[name]);
            Assert.NotNull(found?["description"]);
        });
        Assert.NotNull(imaging["properties"]!["Bindings"]!["additionalProperties"]!["properties"]!["STOW_ENDPOINT"]);
    }

    [Fact]
    public void Every_setting_is_bound_to_a_property()
    {
        Assert.All(
            Sections.SelectMany(section => section.Settings.Select(setting => (section, setting))).Where(
                row => !Unbound.Contains(row.setting.Path)),
            row => Assert.True(
                HasProperty(row.section.OptionsType, row.setting.Path.Split(':')[1..]),
                $"{row.setting.Path} is no property of the options"));
        Assert.All(
            BindingSettings.KeysOfKinds.SelectMany(kind => kind.Keys).Concat(BindingSettings.CommonKeys).Where(
                key => !Unbound.Contains(key.Path)),
            key => Assert.True(HasProperty(typeof(BindingOptions), key.Path.Split(':')), $"{key.Path} is no property of a binding"));
    }

    [Fact]
    public void Every_key_and_every_option_of_the_command_line_belongs_to_one_setting()
    {
        Setting[] settings = [.. Sections.SelectMany(section => section.Settings)];

        Assert.Equal(
            settings.Length, settings.Select(setting => setting.ConfigurationKey).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        string[] options = [.. settings.Select(setting => setting.CommandLine).OfType<string>()];
        Assert.Equal(options.Length, options.Distinct(StringComparer.Ordinal).Count());
    }

    private static string Root
    {
        get
        {
            DirectoryInfo? folder = new(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ImagingIngestion.slnx")))
            {
                folder = folder.Parent;
            }

            return folder!.FullName;
        }
    }

    private static bool HasProperty(Type type, string[] path)
    {
        Type? at = type;
        foreach (string name in path)
        {
            PropertyInfo? property = at?.GetProperty(name);
            at = property is { SetMethod.IsPublic: true } ? property.PropertyType : null;
        }

        return at is not null;
    }
}
