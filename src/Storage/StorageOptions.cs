using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Storage;

/// <summary>Where one process keeps its data.</summary>
public sealed record StorageOptions
{
    private const string PathRule = "must be a path";

    /// <summary>The settings of this class.</summary>
    public static readonly OptionsSection<StorageOptions> Section = new(
        "Storage",
        defaults =>
        [
            new("Storage:Data", Form.Text(PathRule, AsPath, defaults.Data), "folder of both stores") { CommandLine = "--data" },
            new("Storage:Objects", Form.Text(PathRule, AsPath), "folder of the objects")
            {
                CommandLine = "--objects", Default = "`<data>/objects`",
            },
            new("Storage:Manifest", Form.Text(PathRule, AsPath), "SQLite file of the manifest")
            {
                CommandLine = "--manifest", Default = "`<data>/manifest.db`",
            },
            new(
                "Storage:SharedObjects",
                Form.Text(PathRule, AsPath),
                "a folder that all processes share, instead of a bucket: for tests on one machine")
            {
                CommandLine = "--shared-objects",
            },
            new(
                "Storage:MinFreeBytes",
                Form.Size(0, 1L << 50, defaults.MinFreeBytes),
                "free bytes on the disk of the objects below which no instance is taken; 0 for no limit"),
            new(
                "Storage:BeginAnew",
                Form.Flag(),
                "accepts an empty manifest although the objects folder holds those of another installation; without it the process "
                    + "refuses to start, because a lost manifest looks the same"),
        ],
        (section, options) => section.Bind(options),
        (options, mistakes) => options.Check(mistakes));

    /// <summary>The folder of both stores.</summary>
    public string Data { get; set; } = "./data";

    /// <summary>The folder of the objects; null for one below <see cref="Data"/>.</summary>
    public string? Objects { get; set; }

    /// <summary>The SQLite file; null for one below <see cref="Data"/>.</summary>
    public string? Manifest { get; set; }

    /// <summary>
    /// A folder of objects that all processes of a cluster share: on one machine, or on a network file system that syncs.
    /// </summary>
    public string? SharedObjects { get; set; }

    /// <summary>Free bytes on the disk of the objects below which senders are told to try later, before the disk is really full.</summary>
    public long MinFreeBytes { get; set; } = 64L << 20;

    /// <summary>The operator means an empty manifest beside the objects of another installation: it is not lost.</summary>
    public bool BeginAnew { get; set; }

    /// <summary>The folder of the objects, wherever it is set.</summary>
    public string ObjectsFolder => SharedObjects ?? Objects ?? Path.Combine(Data, "objects");

    /// <summary>The SQLite file of the manifest, wherever it is set.</summary>
    public string ManifestFile => Manifest ?? Path.Combine(Data, "manifest.db");

    private static string? AsPath(string text) => text.Contains('\0', StringComparison.Ordinal) ? null : text;

    private void Check(Mistakes mistakes)
    {
        if (Path.EndsInDirectorySeparator(ManifestFile) || SettingPath.IsFolder(ManifestFile))
        {
            mistakes.Add(Section[nameof(Manifest)], "must be a file, not a folder");
        }

        if (SettingPath.IsFile(ObjectsFolder))
        {
            mistakes.Add(Section[SharedObjects is null ? nameof(Objects) : nameof(SharedObjects)], "must be a folder, not a file");
        }
    }
}
