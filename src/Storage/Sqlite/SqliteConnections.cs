using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Opens connections to one database file with the settings that durability and concurrency need.</summary>
internal sealed class SqliteConnections
{
    /// <summary>How many seconds the library itself retries a locked database.</summary>
    /// <remarks>It sleeps 150 ms between tries, so this is the smallest value.</remarks>
    private const int RetrySeconds = 1;

    private const string WriterSettings = """
        PRAGMA busy_timeout = 500;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA temp_store = MEMORY;
        PRAGMA cache_size = -4096;
        PRAGMA wal_autocheckpoint = 4000;
        PRAGMA journal_size_limit = 67108864;
        """;

    private const string ReaderSettings = """
        PRAGMA busy_timeout = 500;
        PRAGMA query_only = ON;
        PRAGMA temp_store = MEMORY;
        """;

    private readonly string _connectionString;

    static SqliteConnections() => SQLitePCL.Batteries_V2.Init();

    public SqliteConnections(string path)
        => _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = RetrySeconds,
        }.ToString();

    public SqliteConnection OpenWriter() => Open(WriterSettings);

    /// <summary>Opens a connection that cannot write, with the matching functions that searches use.</summary>
    public SqliteConnection OpenReader(int cacheKibibytes)
    {
        SqliteConnection connection = Open(
            ReaderSettings + string.Create(CultureInfo.InvariantCulture, $"PRAGMA cache_size = -{cacheKibibytes};"));
        connection.CreateFunction<string?, string, bool>(EnclosedValues.FunctionName, EnclosedValues.AnyMatches, isDeterministic: true);
        return connection;
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long ReadNumber(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    public static string ReadText(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return (string)command.ExecuteScalar()!;
    }

    private SqliteConnection Open(string settings)
    {
        SqliteConnection connection = new(_connectionString);
        try
        {
            connection.Open();
            Execute(connection, settings);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
