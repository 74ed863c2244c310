using System.Globalization;
using System.Text;

namespace ImagingIngestion.Load.Results;

/// <summary>Prints collected figures as the Markdown table of <c>docs/performance.md</c>.</summary>
public static class ResultTable
{
    public static string Format(IReadOnlyList<ResultRow> rows)
    {
        List<FigureGroup> groups = Group(rows);
        StringBuilder table = new();
        table.Append("| scenario | figure | unit | ours | Orthanc | disk / nginx / storescp / baseline | times better than Orthanc | to reach | reached | notes |\n");
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
                Number(group.Value(TargetNames.Nginx) ?? group.Value(TargetNames.Storescp) ?? group.Value(TargetNames.Baseline) ?? group.Value(TargetNames.Disk)),
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
        => groups.FirstOrDefault(group => group.Scenario == "disk" && group.Figure == FigureNames.DurableFiles(threads))?.Value(TargetNames.Disk);

    private static string Number(double? value) => value switch
    {
        null => "",
        >= 1000 => value.Value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("F2", CultureInfo.InvariantCulture),
    };
}
