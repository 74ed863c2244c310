namespace ImagingIngestion.Tests;

/// <summary>The outside tools that tests use, by the name of the package that brings them.</summary>
internal static class Tools
{
    public const string Dcmtk = "dcmtk";
    public const string Pydicom = "python3-pydicom";
    public const string Orthanc = "orthanc-dicomweb";
    public const string Strace = "strace";
    public const string Chromium = "chromium";
    public const string Curl = "curl";
    public const string Node = "nodejs";
    public const string NodeModules = "npm packages";
    public const string Viewer = "@ohif/app";
    public const string Postgres = "postgresql";
    public const string Rgw = "radosgw ceph-mon ceph-osd";
    public const string Corpus = "DICOM_CORPUS";

    /// <summary>Debian's own interpreter, the one that its packages belong to.</summary>
    public const string Python = "/usr/bin/python3";
    public const string ChromiumPath = "/usr/bin/chromium";
    public const string OrthancPath = "/usr/sbin/Orthanc";
    public const string OrthancDicomWebPlugin = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so";

    private static readonly Dictionary<string, Func<bool>> Present = new(StringComparer.Ordinal)
    {
        [Dcmtk] = () => OnPath("dcmdump") && OnPath("dcm2json"),
        [Pydicom] = () => File.Exists(Python) && Directory.Exists("/usr/lib/python3/dist-packages/pydicom"),
        [Orthanc] = () => File.Exists(OrthancPath) && File.Exists(OrthancDicomWebPlugin),
        [Strace] = () => OnPath("strace"),
        [Curl] = () => OnPath("curl"),
        [Chromium] = () => File.Exists(ChromiumPath),
        [Node] = () => OnPath("node"),
        [NodeModules] = () => Directory.Exists(Path.Combine(AppContext.BaseDirectory, "../../../js/node_modules")),
        [Viewer] = () => File.Exists(Path.Combine(AppContext.BaseDirectory, "../../../obj/ohif/dist/index.html")),
        [Postgres] = () => OnPath("initdb") || (Directory.Exists("/usr/lib/postgresql")
            && Directory.EnumerateFiles("/usr/lib/postgresql", "initdb", SearchOption.AllDirectories).Any()),
        [Rgw] = () => OnPath("radosgw") && OnPath("ceph-mon") && OnPath("ceph-osd"),
        [Corpus] = () => Environment.GetEnvironmentVariable("DICOM_CORPUS") is { Length: > 0 },
    };

    /// <summary>Returns why a test that needs these tools is skipped; null if it runs.</summary>
    /// <remarks>With CI=true a missing package is no excuse; a corpus that nobody named is.</remarks>
    public static string? SkipReason(params string[] needed)
    {
        bool isCI = string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);
        string[] missing = [.. needed.Where(tool => !Present[tool]() && (!isCI || tool == Corpus))];
        return missing.Length == 0 ? null : $"Missing: {string.Join(", ", missing)}; ./test installs the packages.";
    }

    private static bool OnPath(string command)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(
            folder => File.Exists(Path.Combine(folder, command)));
}
