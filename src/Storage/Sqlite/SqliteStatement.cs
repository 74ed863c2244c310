using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>A prepared statement with parameters <c>$1</c> to <c>$n</c>, which one thread uses again and again.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteCommand _command;

    public SqliteStatement(SqliteConnection connection, string sql, int parameters)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        for (int number = 1; number <= parameters; number++)
        {
            _command.Parameters.Add(new SqliteParameter($"${number}", DBNull.Value));
        }

        _command.Prepare();
    }

    /// <summary>Runs it; returns the number of changed rows.</summary>
    public int Run(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _command.ExecuteNonQuery();
    }

    /// <summary>Runs it; returns the first column of the first row, or null if there is no row.</summary>
    public object? RunScalar(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _command.ExecuteScalar();
    }

    /// <summary>Runs it and reads its rows; the caller disposes the reader before the next run.</summary>
    public SqliteDataReader Query(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _command.ExecuteReader();
    }

    public void Dispose() => _command.Dispose();

    private void Bind(ReadOnlySpan<object?> values)
    {
        for (int index = 0; index < values.Length; index++)
        {
            _command.Parameters[index].Value = values[index] ?? DBNull.Value;
        }
    }
}

/// <summary>Builds pieces of SQL from column names that this program defines; values are always parameters.</summary>
internal static class SqlText
{
    public static string Insert(string table, IReadOnlyCollection<string> columns)
    {
        IEnumerable<string> parameters = Enumerable.Range(1, columns.Count).Select(number => $"${number}");
        return $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", parameters)})";
    }

    /// <summary>Returns <c>a = $n, b = $n+1, ...</c></summary>
    public static string Assignments(IEnumerable<string> columns, int firstParameter)
        => string.Join(", ", columns.Select((column, index) => $"{column} = ${firstParameter + index}"));

    /// <summary>Returns assignments of the values that an insert with a conflicting key carries.</summary>
    public static string TakeOver(IEnumerable<string> columns)
        => string.Join(", ", columns.Select(column => $"{column} = excluded.{column}"));
}

/// <summary>Lists as one parameter, which <c>json_each</c> reads.</summary>
internal static class JsonList
{
    /// <summary>Lists texts or numbers.</summary>
    public static string Of(IReadOnlyCollection<object> values) => Write(json =>
    {
        foreach (object value in values)
        {
            if (value is long number)
            {
                json.WriteNumberValue(number);
            }
            else
            {
                json.WriteStringValue((string)value);
            }
        }
    });

    /// <summary>Lists objects as arrays of study, series, instance and key.</summary>
    public static string Of(IReadOnlyCollection<(string Study, string Series, string Sop, string Key)> identified) => Write(json =>
    {
        foreach ((string study, string series, string sop, string key) in identified)
        {
            json.WriteStartArray();
            json.WriteStringValue(study);
            json.WriteStringValue(series);
            json.WriteStringValue(sop);
            json.WriteStringValue(key);
            json.WriteEndArray();
        }
    });

    private static string Write(Action<Utf8JsonWriter> writeItems)
    {
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartArray();
            writeItems(writer);
            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(json.GetBuffer(), 0, (int)json.Length);
    }
}
