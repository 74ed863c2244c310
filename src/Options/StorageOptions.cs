namespace ImagingIngestion.Options;

/// <summary>Where one process keeps its data.</summary>
public sealed record StorageOptions
{
    public static Setting DataSetting { get; } = new("Storage:Data", "--data");

    public static Setting ObjectsSetting { get; } = new("Storage:Objects", "--objects");

    public static Setting ManifestSetting { get; } = new("Storage:Manifest", "--manifest");

    public static Setting SharedObjectsSetting { get; } = new("Storage:SharedObjects", "--shared-objects");

    public static Setting MinFreeBytesSetting { get; } = new("Storage:MinFreeBytes");

    public static Setting BeginAnewSetting { get; } = new("Storage:BeginAnew");

    private const string DefaultData = "./data";

    /// <summary>The folder of the object store.</summary>
    public string ObjectsFolder { get; init; } = DefaultData + "/objects";

    /// <summary>
    /// The folder is named as one that all processes of a cluster share, which only makes sense on one machine or a network file system
    /// that syncs.
    /// </summary>
    public bool IsShared { get; init; }

    /// <summary>The SQLite file of the manifest.</summary>
    public string ManifestFile { get; init; } = DefaultData + "/manifest.db";

    /// <summary>
    /// Free bytes on the disk of the objects below which no instance is taken: senders are told to try later, before the disk is really
    /// full. 0 sets no limit.
    /// </summary>
    public long MinFreeBytes { get; init; } = 64L << 20;

    /// <summary>An empty manifest beside objects of another installation is meant, not lost.</summary>
    public bool BeginsAnew { get; init; }

    /// <summary>Reads the options; mistakes are with the reader.</summary>
    public static StorageOptions Read(SettingsReader settings)
    {
        string data = settings.Text(DataSetting, DefaultData);
        string? shared = settings.TextOrNull(SharedObjectsSetting);
        StorageOptions options = new()
        {
            ObjectsFolder = shared ?? settings.Text(ObjectsSetting, Path.Combine(data, "objects")),
            IsShared = shared is not null,
            ManifestFile = settings.Text(ManifestSetting, Path.Combine(data, "manifest.db")),
            BeginsAnew = settings.Choice(BeginAnewSetting, false, ("true", true), ("false", false)),
            MinFreeBytes = settings.Size(MinFreeBytesSetting, new StorageOptions().MinFreeBytes, 0, 1L << 50),
        };
        foreach ((Setting setting, string path) in new[]
        {
            (DataSetting, data),
            (ObjectsSetting, options.ObjectsFolder),
            (ManifestSetting, options.ManifestFile)
        })
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
            settings.AddMistake(options.IsShared ? SharedObjectsSetting : ObjectsSetting, "must be a folder, not a file");
        }

        return options;
    }
}
