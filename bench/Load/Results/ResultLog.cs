using System.Globalization;

namespace ImagingIngestion.Load.Results;

/// <summary>Collects figures of several runs in one file of tab-separated lines, and prints each at once.</summary>
public sealed class ResultLog(string? path)
{
    private const int Columns = 7;

    public void Add(ResultRow row)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Scenario,-9} {row.Target,-8} {row.Figure,-52} {row.Value,12:F2} {row.Unit,-5} {row.Note}"));
        if (path is not null)
        {
            File.AppendAllText(path, string.Join(
                '\t',
                row.Scenario,
                row.Figure,
                row.Target,
                row.Value.ToString("R", CultureInfo.InvariantCulture),
                row.Unit,
                row.Failures.ToString(CultureInfo.InvariantCulture),
                Flat(row.Note)) + "\n");
        }
    }

    public static IReadOnlyList<ResultRow> Read(string path)
    {
        List<ResultRow> rows = [];
        foreach (string line in File.ReadLines(path))
        {
            string[] cells = line.Split('\t');
            if (cells.Length == Columns)
            {
                rows.Add(new ResultRow(
                    cells[0],
                    cells[1],
                    cells[2],
                    double.Parse(cells[3], CultureInfo.InvariantCulture),
                    cells[4],
                    int.Parse(cells[5], CultureInfo.InvariantCulture),
                    cells[6]));
            }
        }

        return rows;
    }

    private static string Flat(string text) => text.Replace('\t', ' ').Replace('\n', ' ');
}
