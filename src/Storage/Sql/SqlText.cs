namespace ImagingIngestion.Storage.Sql;

/// <summary>Pieces of SQL made of column names that this program defines; values are always parameters.</summary>
internal static class SqlText
{
    public static string Insert(string table, IReadOnlyCollection<string> columns)
        => $"INSERT INTO {table} ({string.Join(
            ", ", columns)}) VALUES ({string.Join(", ", Enumerable.Range(1, columns.Count).Select(number => $"${number}"))})";

    /// <summary><c>a = $n, b = $n+1, ...</c></summary>
    public static string Assignments(IEnumerable<string> columns, int firstParameter)
        => string.Join(", ", columns.Select((column, index) => $"{column} = ${firstParameter + index}"));

    /// <summary>Takes over the values that an insert with a conflicting key carries.</summary>
    public static string TakeOver(IEnumerable<string> columns)
        => string.Join(", ", columns.Select(column => $"{column} = excluded.{column}"));
}
