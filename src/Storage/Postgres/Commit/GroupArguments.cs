using System.Globalization;
using ImagingIngestion.Storage.Postgres.Search;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres.Commit;

/// <summary>The arguments of a call of a function of the database, one array for each column, by name.</summary>
internal sealed class GroupArguments(NpgsqlCommand command, string function)
{
    private readonly List<string> _arguments = [];

    public void Add<T>(string name, T value) => AddExpression(name, Place(value));

    /// <summary>An argument that the database works out.</summary>
    public void AddExpression(string name, string sql) => _arguments.Add($"{name} => {sql}");

    /// <summary>A value; returns how SQL names it.</summary>
    public string Place<T>(T value)
    {
        command.With(value);
        return string.Create(CultureInfo.InvariantCulture, $"${command.Parameters.Count}");
    }

    /// <summary>A column of text. No text of a database holds NUL, and no value of DICOM means anything by it.</summary>
    public void AddTexts<TRow>(string name, IReadOnlyList<TRow> rows, Func<TRow, string?> value)
        => Add(name, Column(rows, row => value(row) is { } text && text.Contains('\0', StringComparison.Ordinal) ? text.Replace("\0", "", StringComparison.Ordinal) : value(row)));

    public string PlaceColumn<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> value) => Place(Column(rows, value));

    public void AddColumn<TRow, T>(string name, IReadOnlyList<TRow> rows, Func<TRow, T> value) => Add(name, Column(rows, value));

    /// <summary>The call, in a transaction that says by which rules the values for searches were made.</summary>
    /// <param name="lockTime">How long any lock is waited for.</param>
    public string ToSql(TimeSpan lockTime)
    {
        string timeout = string.Create(CultureInfo.InvariantCulture, $"set_config('lock_timeout', '{(int)lockTime.TotalMilliseconds}ms', true)");
        return $"SELECT {PostgresConnections.Schema}.{function}({string.Join(", ", _arguments)}) FROM {PostgresSearchIndex.GenerationSql} AS rules, {timeout} AS timeout";
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
