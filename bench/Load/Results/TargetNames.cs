namespace ImagingIngestion.Load.Results;

/// <summary>Names of what is measured; they are the columns of the table.</summary>
public static class TargetNames
{
    public const string Ours = "ours";
    public const string Orthanc = "orthanc";
    public const string Nginx = "nginx";
    public const string Storescp = "storescp";
    public const string Disk = "disk";

    /// <summary>Ours in the state that it is compared with: an empty store, or one process.</summary>
    public const string Baseline = "baseline";
}
