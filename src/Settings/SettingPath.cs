namespace ImagingIngestion.Settings;

/// <summary>Looks at the paths that settings name, while settings are checked and before the process serves.</summary>
public static class SettingPath
{
    /// <summary>Returns whether a file exists.</summary>
    public static bool IsFile(string path) => File.Exists(path);

    /// <summary>Returns whether a folder exists.</summary>
    public static bool IsFolder(string path) => Directory.Exists(path);
}
