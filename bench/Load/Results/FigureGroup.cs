namespace ImagingIngestion.Load.Results;

/// <summary>One line of the table: the same figure of every target; of repeated measurements the median counts.</summary>
public sealed class FigureGroup(string scenario, string figure)
{
    private readonly Dictionary<string, List<ResultRow>> _rows = [];

    public string Scenario => scenario;

    public string Figure => figure;

    public IEnumerable<ResultRow> Rows => _rows.Values.Select(Middle);

    public ResultRow First => Rows.First();

    public void Put(ResultRow row)
    {
        if (!_rows.TryGetValue(row.Target, out List<ResultRow>? measured))
        {
            measured = [];
            _rows.Add(row.Target, measured);
        }

        measured.Add(row);
    }

    public bool HasFailures(string target)
        => _rows.TryGetValue(target, out List<ResultRow>? measured) && measured.Any(row => row.Failures > 0);

    public double? Value(string target)
        => _rows.TryGetValue(target, out List<ResultRow>? measured) && Middle(measured).Value is var value && double.IsFinite(value)
            ? value
            : null;

    /// <summary>Returns how many times better ours is than another target; null if one of them is missing.</summary>
    public double? TimesBetterThan(string target)
    {
        if (Value(TargetNames.Ours) is not { } ours || Value(target) is not { } other || ours == 0 || other == 0)
        {
            return null;
        }

        return First.IsBetterHigher ? ours / other : other / ours;
    }

    private static ResultRow Middle(List<ResultRow> measured) => measured.OrderBy(row => row.Value).ElementAt(measured.Count / 2);
}

/// <summary>One measured figure.</summary>
/// <param name="Scenario">The scenario, as its command is called.</param>
/// <param name="Figure">The measured quantity, in the same words for every target.</param>
/// <param name="Target">Whose figure it is.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit; one that ends in "/s" is better when higher, every other one when lower.</param>
/// <param name="Failures">Operations that failed; a figure with failures reaches nothing.</param>
/// <param name="Note">Necessary explanations: counts, the first failure.</param>
public sealed record ResultRow(string Scenario, string Figure, string Target, double Value, string Unit, int Failures, string Note)
{
    public bool IsBetterHigher => Unit.EndsWith("/s", StringComparison.Ordinal);
}
