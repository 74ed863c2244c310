using System.Globalization;
using Npgsql;

namespace ImagingIngestion.Storage;

/// <summary>The arguments of a call of a function of the database, one array for each column, by name.</summary>
internal sealed class GroupArguments(NpgsqlCommand command, string function)
{
    private readonly List<string> _names = [];

    public void Add<T>(string name, T value)
    {
        command.With(value);
        _names.Add(name);
    }

    /// <summary>A column of text. No text of a database holds NUL, and no value of DICOM means anything by it.</summary>
    public void AddTexts<TRow>(string name, IReadOnlyList<TRow> rows, Func<TRow, string?> value)
        => Add(name, Column(rows, row => value(row) is { } text && text.Contains('\0', StringComparison.Ordinal) ? text.Replace("\0", "", StringComparison.Ordinal) : value(row)));

    public void AddColumn<TRow, T>(string name, IReadOnlyList<TRow> rows, Func<TRow, T> value) => Add(name, Column(rows, value));

    /// <summary>The call, in a transaction that says by which rules the values for searches were made.</summary>
    public string ToSql()
    {
        IEnumerable<string> arguments = _names.Select((name, index) => string.Create(CultureInfo.InvariantCulture, $"{name} => ${index + 1}"));
        return $"SELECT {PostgresConnections.Schema}.{function}({string.Join(", ", arguments)}) FROM {PostgresSearchIndex.GenerationSql}";
    }

    private static T[] Column<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> value)
    {
        T[] column = new T[rows.Count];
        for (int index = 0; index < column.Length; index++)
        {
            column[index] = value(rows[index]);
        }

        return column;
    }
}
