using System.Text;

namespace ImagingIngestion.Hosting.Commands;

/// <summary>Columns of text, each as wide as its widest value; the last one ends the line.</summary>
internal sealed class TextTable
{
    private readonly List<string[]> _rows = [];
    private readonly bool _hasHeads;

    public TextTable(params string[] heads)
    {
        _hasHeads = heads.Length > 0;
        if (_hasHeads)
        {
            _rows.Add(heads);
        }
    }

    public bool IsEmpty => _rows.Count == (_hasHeads ? 1 : 0);

    public void Add(params string[] row) => _rows.Add(row);

    public override string ToString()
    {
        if (_rows.Count == 0)
        {
            return "";
        }

        StringBuilder text = new();
        int[] widths = [.. Enumerable.Range(0, _rows[0].Length - 1).Select(column => _rows.Max(row => row[column].Length))];
        foreach (string[] row in _rows)
        {
            for (int column = 0; column < widths.Length; column++)
            {
                text.Append(row[column].PadRight(widths[column] + 2));
            }

            text.Append(row[^1]).Append('\n');
        }

        return text.ToString();
    }
}
