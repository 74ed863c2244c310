using System.Globalization;

namespace ImagingIngestion.Gateways;

/// <summary>
/// Bounds connections by the files that the process may open (RLIMIT_NOFILE, which the runtime has raised as far as it may). A process that can open no file any
/// more cannot reach its stores, and its runtime may end it: so each listener leaves files to the others.
/// </summary>
public static class OpenFileLimit
{
    private const string LimitsFile = "/proc/self/limits";
    private const string Name = "Max open files";

    /// <summary>Two listeners, and the same again for stores, silos and objects.</summary>
    private const int Shares = 3;

    /// <summary>How many connections one listener may hold.</summary>
    /// <param name="wanted">As many as are set, if there are files for them.</param>
    public static int Connections(int wanted) => File.Exists(LimitsFile) ? Connections(wanted, File.ReadLines(LimitsFile)) : wanted;

    /// <param name="wanted">As many as are set.</param>
    /// <param name="limits">The lines of /proc/self/limits; the soft limit follows the name.</param>
    internal static int Connections(int wanted, IEnumerable<string> limits)
        => limits.FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal)) is { } line
            && long.TryParse(line[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], NumberStyles.None, CultureInfo.InvariantCulture, out long files)
            ? (int)Math.Clamp(files / Shares, 1, wanted)
            : wanted;
}
