namespace ImagingIngestion.Load;

/// <summary>One line of the table: the same figure of every target; a figure measured twice counts as it was last.</summary>
public sealed class FigureGroup(string scenario, string figure)
{
    private readonly Dictionary<string, ResultRow> _rows = [];

    public string Scenario => scenario;

    public string Figure => figure;

    public IEnumerable<ResultRow> Rows => _rows.Values;

    public ResultRow First => _rows.Values.First();

    public void Put(ResultRow row) => _rows[row.Target] = row;

    public bool HasFailures(string target) => _rows.TryGetValue(target, out ResultRow? row) && row.Failures > 0;

    public double? Value(string target)
        => _rows.TryGetValue(target, out ResultRow? row) && double.IsFinite(row.Value) ? row.Value : null;

    /// <summary>How many times better ours is than another target; null where one of them is missing.</summary>
    public double? TimesBetterThan(string target)
    {
        if (Value(TargetNames.Ours) is not { } ours || Value(target) is not { } other || ours == 0 || other == 0)
        {
            return null;
        }

        return First.IsBetterHigher ? ours / other : other / ours;
    }
}
