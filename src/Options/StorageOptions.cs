namespace ImagingIngestion.Options;

/// <summary>Where one process keeps its data.</summary>
public sealed record StorageOptions
{
    public static Setting DataSetting { get; } = new("Storage:Data", "--data");

    public static Setting ObjectsSetting { get; } = new("Storage:Objects", "--objects");

    public static Setting ManifestSetting { get; } = new("Storage:Manifest", "--manifest");

    private const string DefaultData = "./data";

    /// <summary>The folder of the object store.</summary>
    public string ObjectsFolder { get; init; } = DefaultData + "/objects";

    /// <summary>The SQLite file of the manifest.</summary>
    public string ManifestFile { get; init; } = DefaultData + "/manifest.db";

    /// <summary>Reads the options; mistakes are with the reader.</summary>
    public static StorageOptions Read(SettingsReader settings)
    {
        string data = settings.Text(DataSetting, DefaultData);
        StorageOptions options = new()
        {
            ObjectsFolder = settings.Text(ObjectsSetting, Path.Combine(data, "objects")),
            ManifestFile = settings.Text(ManifestSetting, Path.Combine(data, "manifest.db")),
        };
        foreach ((Setting setting, string path) in new[] { (DataSetting, data), (ObjectsSetting, options.ObjectsFolder), (ManifestSetting, options.ManifestFile) })
        {
            if (path.Contains('\0', StringComparison.Ordinal))
            {
                settings.AddMistake(setting, "must be a path");
            }
        }

        if (Path.EndsInDirectorySeparator(options.ManifestFile) || Directory.Exists(options.ManifestFile))
        {
            settings.AddMistake(ManifestSetting, "must be a file, not a folder");
        }

        if (File.Exists(options.ObjectsFolder))
        {
            settings.AddMistake(ObjectsSetting, "must be a folder, not a file");
        }

        return options;
    }
}
