using ImagingIngestion.Gateways;
using ImagingIngestion.Hosting;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Settings;
using ImagingIngestion.Storage;
using ImagingIngestion.Storage.Postgres;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Silo.Tests.Startup;

/// <summary>Where settings come from, and which source wins.</summary>
public sealed class SettingSourcesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("settings-").FullName;
    private readonly string _prefix = $"TEST{Guid.NewGuid():N}_";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Command_line_wins_over_environment_this_over_folders_and_these_over_appsettings()
    {
        string[] places = ["file", "folder", "environment", "command"];

        for (int most = 0; most < places.Length; most++)
        {
            Assert.Equal(places[most], Read(places[..(most + 1)]).Get<StorageOptions>().Data);
        }
    }

    [Fact]
    public void An_older_name_loses_to_the_key_wherever_that_stands()
    {
        ConfigurationManager configuration = new();
        File.WriteAllText(Path.Combine(_folder, "PROVIDER_NAME"), "older");
        configuration.AddInMemoryCollection([KeyValuePair.Create("Imaging:Provider:Name", (string?)"present")]);

        Assert.Equal("present", Read(configuration).Get<ProviderOptions>().Name);
    }

    [Fact]
    public void The_files_of_a_mounted_Secret_are_settings_without_their_line_ends()
    {
        string data = Directory.CreateDirectory(Path.Combine(_folder, "..2026_11_30")).FullName;
        File.WriteAllText(Path.Combine(data, "DB_PASS"), "secret\n");
        File.WriteAllText(Path.Combine(data, "Imaging__Database__User"), "imaging");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "..data"), data);
        File.CreateSymbolicLink(Path.Combine(_folder, "DB_PASS"), Path.Combine("..data", "DB_PASS"));
        File.CreateSymbolicLink(Path.Combine(_folder, "Imaging__Database__User"), Path.Combine("..data", "Imaging__Database__User"));

        DatabaseOptions database = Read(new ConfigurationManager()).Get<DatabaseOptions>();

        Assert.Equal(("secret", "imaging"), (database.Password, database.User));
    }

    [Fact]
    public void A_later_folder_wins_and_one_that_is_missing_is_a_mistake_among_the_others()
    {
        string second = Directory.CreateDirectory(Path.Combine(_folder, "second")).FullName;
        File.WriteAllText(Path.Combine(_folder, "PROVIDER_NAME"), "first");
        File.WriteAllText(Path.Combine(second, "PROVIDER_NAME"), "second");
        ConfigurationManager both = new();
        SettingsSources.AddTo(both, new Dictionary<string, string?> { ["--settings"] = $"{_folder}; {second}" });
        Assert.Equal("second", GivenSettings.Of(both).Provider.Name);

        ConfigurationManager missing = new();
        SettingsSources.AddTo(missing, new Dictionary<string, string?> { ["--settings"] = _folder + "/none", ["--urls"] = "nowhere" });
        IReadOnlyList<string> mistakes = GivenSettings.Of(missing).Mistakes;
        Assert.Equal(2, mistakes.Count);
        Assert.Contains("IMAGING__SETTINGS__FOLDERS", mistakes[0], StringComparison.Ordinal);
    }

    /// <summary>Reads the data folder, which the given places set to their own names.</summary>
    private ProcessSettings Read(string[] places)
    {
        string json = Path.Combine(_folder, "appsettings.json");
        string variable = _prefix + "Imaging__Storage__Data";
        File.WriteAllText(json, """{"Imaging":{"Storage":{"Data":"file"}}}""");
        if (places.Contains("folder"))
        {
            File.WriteAllText(Path.Combine(_folder, "Imaging__Storage__Data"), "folder");
        }

        Environment.SetEnvironmentVariable(variable, places.Contains("environment") ? "environment" : null);
        try
        {
            ConfigurationManager configuration = new();
            configuration.AddJsonFile(json).AddEnvironmentVariables(_prefix);
            return Read(configuration, places.Contains("command") ? ("--data", "command") : null);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    private ProcessSettings Read(ConfigurationManager configuration, (string Name, string Value)? option = null)
    {
        Dictionary<string, string?> commandLine = new() { ["--settings"] = _folder };
        if (option is { } given)
        {
            commandLine[given.Name] = given.Value;
        }

        SettingsSources.AddTo(configuration, commandLine);
        return ProcessSettings.Read(configuration, ProcessSections.Of(ProcessKind.Silo));
    }
}
