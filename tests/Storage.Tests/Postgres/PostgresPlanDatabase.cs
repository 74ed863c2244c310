using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Tests;
using Npgsql;

namespace ImagingIngestion.Storage.Tests.Postgres;

/// <summary>A database with 8,000 studies and as many instances, whose statistics are known: what queries are planned for.</summary>
public sealed class PostgresPlanDatabase : IAsyncLifetime
{
    private const string FillSql = """
        INSERT INTO imaging.study (
            provider, study_uid, version, series_count, instance_count, created_at, updated_at, next_revision, is_visible, search_digest, modalities, study_date,
            study_time, accession_number, referring_physician_name, referring_physician_name_words, study_description, patient_name, patient_name_words, patient_id,
            patient_birth_date, patient_sex, study_id_text)
        SELECT 'kit', '1.2.826.' || n, 1, 1, 1, 0, 0, 0, true, n, E'\x1fCT\x1f', to_char(date '2016-01-01' + n / 6, 'YYYYMMDD'),
            '120000.000000', 'A' || n, E'\x1fref' || n % 5000 || E'\x1f', ' ref' || n % 5000 || ' ', 'Study of ' || n % 5000,
            E'\x1ffam' || substr(md5(n::text), 1, 6) || '^given' || E'\x1f', ' fam' || substr(md5(n::text), 1, 6) || ' given ', 'P' || n % 4000,
            to_char(date '1930-01-01' + n, 'YYYYMMDD'), 'F', 'S' || n
        FROM generate_series(1, 8000) n;
        INSERT INTO imaging.series (study_id, series_uid, instance_count, modality, attributes, requested_procedure_id)
        SELECT s.id, '1.2.3.' || s.id, 1, s.modalities, '{}', E'\x1fR' || s.id || E'\x1f' FROM imaging.study s;
        INSERT INTO imaging.instance (
            study_id, series_id, sop_uid, sop_class_uid, sort_number, transfer_syntax_uid, content_hash, object_key, object_length, dataset_offset, stored_at,
            added_revision, changed_revision, attributes)
        SELECT r.study_id, r.id, '1.2.4.' || r.id, '1', 1, '1', sha256('{}'), 'k', 1, 1, 0, 0, 0, '{}' FROM imaging.series r;
        INSERT INTO imaging.study_attributes (study_id, attributes) SELECT s.id, '{}' FROM imaging.study s;
        INSERT INTO imaging.instance_content (study_id, instance_id, metadata, layout) SELECT i.study_id, i.id, '{}', '{}' FROM imaging.instance i;
        ANALYZE;
        """;

    private PostgresServer? _server;
    private string _database = "";
    private PostgresConnections? _connections;

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.SharedAsync();
        _database = await PostgresTemplate.CreateDatabaseAsync();
        await _server.ExecuteAsync(_database, FillSql);
        _connections = new PostgresConnections(_server.Options(_database), Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
    }

    public async Task DisposeAsync()
    {
        await _connections!.DisposeAsync();
        await _server!.DropDatabaseAsync(_database);
    }

    /// <summary>How a query is answered, in the session that answers it.</summary>
    internal async Task<string> PlanAsync(string sql, params object?[] values)
    {
        await using NpgsqlConnection connection = await _connections!.Queries.OpenConnectionAsync();
        await using NpgsqlCommand command = new("EXPLAIN (COSTS OFF) " + sql, connection);
        foreach (object? value in values)
        {
            if (value is string[] texts)
            {
                command.With(texts);
            }
            else
            {
                command.WithValue(value);
            }
        }

        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync();
        List<string> plan = [];
        while (await rows.ReadAsync())
        {
            plan.Add(rows.GetString(0));
        }

        return string.Join('\n', plan);
    }
}
