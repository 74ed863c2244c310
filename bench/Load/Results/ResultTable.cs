using System.CommandLine;
using System.Globalization;
using System.Text;
using ImagingIngestion.Load.Scenarios;

namespace ImagingIngestion.Load.Results;

/// <summary>Prints collected figures as the Markdown table of <c>docs/performance.md</c>.</summary>
public static class ResultTable
{
    public static Command CreateCommand()
    {
        Argument<string> file = new("file") { Description = "File that --results wrote" };
        Command command = new("table", "Prints collected results as a Markdown table") { file };
        command.SetAction(parsed =>
        {
            Console.Write(Format(ResultLog.Read(parsed.GetRequiredValue(file))));
            return 0;
        });
        return command;
    }

    public static string Format(IReadOnlyList<ResultRow> rows)
    {
        List<FigureGroup> groups = Group(rows);
        StringBuilder table = new();
        table.Append("| scenario | figure | unit | ours | Orthanc | disk / nginx / storescp / baseline | times better than Orthanc | to "
            + "reach | reached | notes |\n");
        table.Append("|---|---|---|---:|---:|---:|---:|---|---|---|\n");
        foreach (FigureGroup group in groups)
        {
            Reach? reach = ReachTable.Find(group);
            bool? isReached = reach?.IsReachedBy(group, threads => DurableFiles(groups, threads));
            string[] cells =
            [
                group.Scenario,
                group.Figure,
                group.First.Unit,
                Number(group.Value(TargetNames.Ours)),
                Number(group.Value(TargetNames.Orthanc)),
                Number(group.Value(TargetNames.Nginx)
                    ?? group.Value(TargetNames.Storescp) ?? group.Value(TargetNames.Baseline) ?? group.Value(TargetNames.Disk)),
                group.TimesBetterThan(TargetNames.Orthanc) is { } ratio ? Number(ratio) + "×" : "",
                reach?.Text ?? "",
                reach is null ? "" : isReached is null ? "not measured" : isReached.Value ? "yes" : "no",
                string.Join("; ", group.Rows.Where(row => row.Note.Length > 0).Select(row => $"{row.Target}: {row.Note}")),
            ];
            table.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
        }

        return table.ToString();
    }

    private static List<FigureGroup> Group(IReadOnlyList<ResultRow> rows)
    {
        List<FigureGroup> groups = [];
        Dictionary<(string, string), FigureGroup> byKey = [];
        foreach (ResultRow row in rows)
        {
            if (!byKey.TryGetValue((row.Scenario, row.Figure), out FigureGroup? group))
            {
                group = new FigureGroup(row.Scenario, row.Figure);
                byKey.Add((row.Scenario, row.Figure), group);
                groups.Add(group);
            }

            group.Put(row);
        }

        return groups;
    }

    private static double? DurableFiles(List<FigureGroup> groups, int threads)
        => groups.FirstOrDefault(
            group => group.Scenario == "disk" && group.Figure == FigureNames.DurableFiles(threads))?.Value(TargetNames.Disk);

    private static string Number(double? value) => value switch
    {
        null => "",
        >= 1000 => value.Value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("F2", CultureInfo.InvariantCulture),
    };
}

/// <summary>The figures to reach; <c>docs/performance.md</c> lists them in words.</summary>
public static class ReachTable
{
    private const string P50 = "p50";
    private const string P99 = "p99";

    private static readonly Reach[] All =
    [
        new("header", FigureNames.HeaderTime) { AtMost = 10 },
        new("stow", FigureNames.StowRate(4, 1)) { TimesOrthanc = 1.5, DurableThreads = 4 },
        new("stow", FigureNames.StowRate(8, 20)) { TimesOrthanc = 3, DurableThreads = 8 },
        new("dimse", FigureNames.StorescuRate) { AtLeast = 100, TimesOrthanc = 5 },
        new("dimse", FigureNames.StoreRate(8)) { TimesOrthanc = 3, DurableThreads = 8 },
        new("memory", FigureNames.MemoryPeakStore) { AtMost = 350 },
        new("memory", FigureNames.MemoryPeakLength) { AtMost = 350 },
        new("memory", FigureNames.MemoryPeakChunked) { AtMost = 350 },
        new(HeaderReadScenario.Name, FigureNames.HeaderReadPeak(HeaderRead.Json)) { AtMost = 350 },
        new(HeaderReadScenario.Name, FigureNames.HeaderReadPeak(HeaderRead.Xml)) { AtMost = 350 },
        new(HeaderReadScenario.Name, FigureNames.HeaderReadPeak(HeaderRead.Search)) { AtMost = 350 },
        new(HeaderReadScenario.Name, FigureNames.HeaderReadPeak(HeaderRead.Transcoded)) { AtMost = 350 },
        new("qido", FigureNames.QidoLatency(P99, QidoSearch.PatientNameWildcard, 1)) { AtMost = 20 },
        new("qido", FigureNames.QidoLatency(P50, QidoSearch.PatientNameWildcard, 1)) { TimesOrthanc = 10 },
        new("qido", FigureNames.QidoLatency(P99, QidoSearch.DateRange, 1)) { AtMost = 20 },
        new("qido", FigureNames.QidoLatency(P50, QidoSearch.DateRange, 1)) { TimesOrthanc = 10 },
        new("qido", FigureNames.QidoLatency(P99, QidoSearch.ModalityCode, 1)) { AtMost = 20 },
        new("qido", FigureNames.QidoLatency(P50, QidoSearch.ModalityCode, 1)) { TimesOrthanc = 10 },
        new("metadata", FigureNames.MetadataWarm) { AtMost = 150, TimesOrthanc = 20 },
        new("wado", FigureNames.StudyRate) { TimesNginx = 0.6 },
        new("startup", FigureNames.StartToReady("ReadyToRun")) { AtMost = 600 },
        new("startup", FigureNames.IdleResident("ReadyToRun")) { AtMost = 120 },
        new("contention", FigureNames.OneStudyRate) { TimesBaseline = 0.5 },
        new("million-sqlite", FigureNames.StowRate(8, 1)) { TimesBaseline = 0.9 },
        new("million-sqlite", FigureNames.StowRate(8, 20)) { TimesBaseline = 0.9 },
        new("million-sqlite", FigureNames.StoreRate(8)) { TimesBaseline = 0.9 },
        new("million-postgresql", FigureNames.StowRate(8, 1)) { TimesBaseline = 0.9 },
        new("million-postgresql", FigureNames.StowRate(8, 20)) { TimesBaseline = 0.9 },
        new("million-postgresql", FigureNames.StoreRate(8)) { TimesBaseline = 0.9 },
        new("memory-s3", FigureNames.MemoryPeakStore) { AtMost = 350 },
        new("memory-s3", FigureNames.MemoryPeakLength) { AtMost = 350 },
        new("memory-s3", FigureNames.MemoryPeakChunked) { AtMost = 350 },
    ];

    public static Reach? Find(FigureGroup group)
        => All.FirstOrDefault(reach => reach.Scenario == group.Scenario && reach.Figure == group.Figure);
}

/// <summary>A figure to reach. Every condition that is set must hold; of those for Orthanc and the disk the easier one suffices.</summary>
public sealed record Reach(string Scenario, string Figure)
{
    /// <summary>Fraction of the disk's durable files per second that is always enough: no store writes faster than its disk.</summary>
    public const double DurablePart = 0.7;

    public double? AtMost { get; init; }

    public double? AtLeast { get; init; }

    public double? TimesOrthanc { get; init; }

    public double? TimesNginx { get; init; }

    public double? TimesBaseline { get; init; }

    /// <summary>The number of threads for the disk's durable files per second, which are the alternative to Orthanc's figure.</summary>
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

    /// <summary>Returns whether ours reaches it; null if a figure for the comparison is missing.</summary>
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
