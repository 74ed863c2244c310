using System.Globalization;

namespace ImagingIngestion.Load.Results;

/// <summary>A figure to reach. Every condition that is set must hold, but of Orthanc's and the disk's only the one that asks less.</summary>
public sealed record Reach(string Scenario, string Figure)
{
    /// <summary>Part of the disk's durable files per second that is always enough: no store writes faster than its disk.</summary>
    public const double DurablePart = 0.7;

    public double? AtMost { get; init; }

    public double? AtLeast { get; init; }

    public double? TimesOrthanc { get; init; }

    public double? TimesNginx { get; init; }

    public double? TimesBaseline { get; init; }

    /// <summary>Threads at which the disk's durable files per second are the other condition beside Orthanc's.</summary>
    public int? DurableThreads { get; init; }

    /// <summary>The condition in words.</summary>
    public string Text
    {
        get
        {
            List<string> parts = [];
            Add(parts, AtMost, "≤ ", "");
            Add(parts, AtLeast, "≥ ", "");
            Add(parts, TimesOrthanc, "≥ ", "× Orthanc");
            Add(parts, TimesNginx, "≥ ", "× nginx");
            Add(parts, TimesBaseline, "≥ ", "× baseline");
            string all = string.Join("; ", parts);
            return DurableThreads is null ? all : string.Create(CultureInfo.InvariantCulture, $"{all} or ≥ {DurablePart}× disk");
        }
    }

    /// <summary>Whether ours reaches it; null where a figure for the comparison is missing.</summary>
    /// <param name="group">The figures.</param>
    /// <param name="durableFiles">Durable files per second of the disk by threads.</param>
    public bool? IsReachedBy(FigureGroup group, Func<int, double?> durableFiles)
    {
        if (group.Value(TargetNames.Ours) is not { } ours)
        {
            return null;
        }

        if (group.HasFailures(TargetNames.Ours))
        {
            return false;
        }

        bool? disk = DurableThreads is { } threads && durableFiles(threads) is { } files ? ours >= DurablePart * files : null;
        bool? orthanc = disk == true ? true : Compare(group, TargetNames.Orthanc, TimesOrthanc);
        bool?[] all =
        [
            AtMost is { } most ? ours <= most : true,
            AtLeast is { } least ? ours >= least : true,
            orthanc,
            Compare(group, TargetNames.Nginx, TimesNginx),
            Compare(group, TargetNames.Baseline, TimesBaseline),
        ];
        return all.Contains(false) ? false : all.Contains(null) ? null : true;
    }

    private static bool? Compare(FigureGroup group, string target, double? times)
        => times is null ? true : group.TimesBetterThan(target) is { } measured ? measured >= times : null;

    private static void Add(List<string> parts, double? value, string before, string after)
    {
        if (value is { } number)
        {
            parts.Add(before + number.ToString(CultureInfo.InvariantCulture) + after);
        }
    }
}
