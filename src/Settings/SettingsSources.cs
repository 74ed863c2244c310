using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.KeyPerFile;
using Microsoft.Extensions.FileProviders;

namespace ImagingIngestion.Settings;

/// <summary>Where settings come from besides <c>appsettings.json</c> and the environment, which .NET reads by itself.</summary>
public sealed record SettingsSources
{
    private const string Rule = "must be folders that exist and whose files this process may read, separated by semicolons";

    /// <summary>The settings of this class.</summary>
    public static readonly OptionsSection<SettingsSources> Section = new(
        "Settings",
        _ =>
        [
            new Setting(
                "Settings:Folders",
                Form.List(";", Rule, text => SettingPath.IsFolder(text) ? text : null),
                "folders whose files are settings: the name of a file is the name of a setting, such as `DB_PASS` or "
                    + "`Imaging__Database__Password`, and its content the value. For mounted Secrets; a later folder wins over an earlier "
                    + "one")
            { CommandLine = "--settings", Default = "none" },
        ],
        (section, options) => options.Folders = [.. section.GetSection("Folders").GetChildren().Select(folder => folder.Value!)]);

    /// <summary>Folders with a file for each setting.</summary>
    public IReadOnlyList<string> Folders { get; set; } = [];

    /// <summary>
    /// Adds the folders and the command line. The command line wins over the environment, the environment over the files of the folders,
    /// and these over <c>appsettings.json</c>.
    /// </summary>
    /// <param name="configuration">Has the other sources already.</param>
    /// <param name="commandLine">The options of the command line by name; null for those not given.</param>
    /// <exception cref="InvalidDataException">A file cannot be read; the message says which setting to change.</exception>
    public static void AddTo(IConfigurationManager configuration, IReadOnlyDictionary<string, string?> commandLine)
    {
        configuration.AddInMemoryCollection(commandLine);
        IReadOnlyList<string> folders = ProcessSettings.Read(configuration, Section).Get<SettingsSources>().Folders;
        IConfigurationSource above = configuration.Sources.LastOrDefault(source => source is EnvironmentVariablesConfigurationSource)
            ?? configuration.Sources[^1];
        foreach (string folder in folders)
        {
            InsertBelow(above, configuration.Sources, folder);
        }
    }

    private static void InsertBelow(IConfigurationSource above, IList<IConfigurationSource> sources, string folder)
    {
        try
        {
            KeyPerFileConfigurationSource files = new()
            {
                FileProvider = new PhysicalFileProvider(Path.GetFullPath(folder)),
                Optional = false
            };
            sources.Insert(sources.IndexOf(above), files);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException(
                $"The files of {folder} cannot be read ({error.GetType().Name}). {Section["Folders"].Key} {Rule}; set "
                    + $"{Section["Folders"].Names}.",
                error);
        }
    }
}
