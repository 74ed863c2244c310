using System.Globalization;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Renews index values, in one process at a time by a lease.</summary>
/// <remarks>Nothing is locked while values are worked out: the study's version tells whether they are still right.</remarks>
internal sealed class PostgresSearchIndex(NpgsqlDataSource pool) : ISearchIndex
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>Takes or renews the lease if there is anything to do.</summary>
    private static readonly string LeaseSql = string.Create(CultureInfo.InvariantCulture, $"""
        UPDATE index_lease SET owner = $1, leased_until = now_us() + $2
        WHERE (owner = $1 OR leased_until <= now_us()) AND (
            EXISTS (SELECT 1 FROM study WHERE index_generation < {SearchIndexValues.Generation})
            OR EXISTS (SELECT 1 FROM series WHERE index_generation < {SearchIndexValues.Generation}))
        """);

    /// <summary>
    /// Names the rules for the trigger that keeps <c>index_generation</c>, within the transaction of the statement that selects from it.
    /// </summary>
    public static readonly string GenerationSql = string.Create(
        CultureInfo.InvariantCulture, $"set_config('imaging.index_generation', '{SearchIndexValues.Generation}', true)");

    private static readonly string StudySql = UpdateSql(SearchLevel.Study);
    private static readonly string SeriesSql = UpdateSql(SearchLevel.Series);

    public Task<long> CountOutdatedAsync(CancellationToken cancellationToken)
        => pool.FindAsync(new NpgsqlCommand(OutdatedRow.CountSql), rows => rows.GetInt64(0), cancellationToken);

    public async Task<int> RenewAsync(string owner, int most, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        NpgsqlCommand lease = new NpgsqlCommand(LeaseSql).With(owner).With(ColumnTime.ToColumn(Lease));
        if (await pool.ExecuteAsync(lease, cancellationToken).ConfigureAwait(false) == 0)
        {
            return 0;
        }

        foreach (SearchLevel level in (SearchLevel[])[SearchLevel.Study, SearchLevel.Series])
        {
            NpgsqlCommand find = new NpgsqlCommand(OutdatedRow.Sql(level)).With(most);
            IReadOnlyList<OutdatedRow> rows =
                await pool.ListAsync(find, found => OutdatedRow.Read(found, level), cancellationToken).ConfigureAwait(false);
            if (rows.Count > 0)
            {
                return await pool.ExecuteAsync(Update(level, rows), cancellationToken).ConfigureAwait(false);
            }
        }

        return 0;
    }

    private static NpgsqlCommand Update(SearchLevel level, IReadOnlyList<OutdatedRow> rows)
    {
        NpgsqlCommand update = new NpgsqlCommand(level == SearchLevel.Study ? StudySql : SeriesSql)
            .With(rows.Select(row => row.Id).ToArray())
            .With(rows.Select(row => row.StudyId).ToArray())
            .With(rows.Select(row => row.Version).ToArray());
        IReadOnlyList<SearchIndexColumn> columns = SearchIndexValues.Columns(level);
        for (int column = 0; column < columns.Count; column++)
        {
            int index = column;
            update = columns[column].Attribute.Kind == SearchAttributeKind.Integer
                ? update.With(rows.Select(row => (long?)row.Values[index]).ToArray())
                : update.With(rows.Select(row => (string?)row.Values[index]).ToArray());
        }

        return update;
    }

    /// <summary>Locks studies in the same order as commits do, and skips a study that is being committed.</summary>
    private static string UpdateSql(SearchLevel level)
    {
        string[] columns = [.. SearchIndexValues.Columns(level).Select(column => column.Name)];
        string arrays = string.Join(
            ", ", Enumerable.Range(1, columns.Length + 3).Select(number => string.Create(CultureInfo.InvariantCulture, $"${number}")));
        string assignments = string.Join(", ", columns.Select(column => $"{column} = renewed.{column}"));
        return $"""
            WITH renewed AS (
                SELECT w.* FROM unnest({arrays}) AS w (row_id, study_id, version, {string.Join(", ", columns)})
                JOIN study k ON k.id = w.study_id AND k.version = w.version
                ORDER BY k.id FOR NO KEY UPDATE OF k SKIP LOCKED
            )
            UPDATE {(level == SearchLevel.Study ? "study" : "series")} t SET {assignments}
            FROM renewed, {GenerationSql} WHERE t.id = renewed.row_id
            """;
    }
}
