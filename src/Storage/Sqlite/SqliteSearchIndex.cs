using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Renews index values.</summary>
/// <remarks>A reader works the values out, so that the writer only writes.</remarks>
internal sealed class SqliteSearchIndex(SqliteWriter writer, SqliteReaderPool readers) : ISearchIndex
{
    public Task<long> CountOutdatedAsync(CancellationToken cancellationToken)
        => readers.RunAsync(session => (long)session.Statement(OutdatedRow.CountSql, 0).RunScalar()!, cancellationToken);

    /// <summary>Renews the values; the owner does not matter, because one process has the file.</summary>
    public async Task<int> RenewAsync(string owner, int most, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        foreach (SearchLevel level in (SearchLevel[])[SearchLevel.Study, SearchLevel.Series])
        {
            List<OutdatedRow> rows = await readers.RunAsync(session => Find(session, level, most), cancellationToken).ConfigureAwait(false);
            if (rows.Count > 0)
            {
                return await writer.RunAsync(session => Write(session, level, rows), cancellationToken).ConfigureAwait(false);
            }
        }

        return 0;
    }

    private static List<OutdatedRow> Find(SqliteSession session, SearchLevel level, int most)
    {
        string table = Table(level);
        List<OutdatedRow> found = [];
        using SqliteDataReader rows = session.Statement(OutdatedRow.Sql(level, $"INDEXED BY {table}_outdated"), 1).Query((long)most);
        while (rows.Read())
        {
            found.Add(OutdatedRow.Read(rows, level));
        }

        return found;
    }

    private static int Write(SqliteSession session, SearchLevel level, List<OutdatedRow> rows)
    {
        string[] columns = [.. SearchIndexValues.Columns(level).Select(column => column.Name), "index_generation"];
        SqliteStatement update = session.Statement(
            $"UPDATE {Table(level)} SET {SqlText.Assignments(columns, 4)} WHERE id = $1 AND (SELECT version FROM study WHERE id = $2) = $3",
            columns.Length + 3);
        return rows.Sum(row => update.Run([row.Id, row.StudyId, row.Version, .. row.Values, (long)SearchIndexValues.Generation]));
    }

    private static string Table(SearchLevel level) => level == SearchLevel.Study ? "study" : "series";
}
