using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Storage.Sql;
using ImagingIngestion.Tests;
using Npgsql;

namespace ImagingIngestion.Storage.Tests.Postgres;

/// <summary>The cost of a search does not grow with what is stored: each key leads to its matches by an index.</summary>
public sealed class PostgresSearchPlanTests(PostgresPlanDatabase database) : IClassFixture<PostgresPlanDatabase>
{
    [Theory]
    [InlineData("study_uid", "1.2.826.77", "study_identity")]
    [InlineData("patient_id", "P77", "study_by_patient")]
    [InlineData("accession_number", "A77", "study_by_accession")]
    [InlineData("study_date", "20190807", "study_by_date")]
    [InlineData("patient_birth_date", "19400101", "study_by_birth_date")]
    [InlineData("study_id_text", "S77", "study_by_study_id")]
    [InlineData("patient_name", "fam0123456789", "study_trigrams_patient_name")]
    [InlineData("referring_physician_name", "ref777", "study_trigrams_referring_physician_name")]
    [InlineData("series_uid", "1.2.3.77", "series_identity")]
    [InlineData("requested_procedure_id", "R777", "series_trigrams_requested_procedure_id")]
    public async Task A_value_is_looked_up(string column, string value, string index)
        => await AssertUsesAsync(index, new AttributeMatch.AnyOf(Attribute(column), [value]));

    [Theory]
    [InlineData("patient_name", "fam01*", "study_trigrams_patient_name")]
    [InlineData("patient_name", "*0123?5*", "study_trigrams_patient_name")]
    [InlineData("patient_id", "*777*", "study_trigrams_patient_id")]
    [InlineData("accession_number", "A777*", "study_")]
    [InlineData("study_description", "*of 777*", "study_trigrams_study_description")]
    public async Task A_wildcard_is_looked_up(string column, string pattern, string index)
        => await AssertUsesAsync(index, new AttributeMatch.Wildcard(Attribute(column), pattern));

    [Theory]
    [InlineData("study_uid", "1.2.826.", "study_identity")]
    [InlineData("patient_id", "P", "study_by_patient")]
    [InlineData("accession_number", "A", "study_by_accession")]
    public async Task A_list_is_looked_up(string column, string prefix, string index)
        => await AssertUsesAsync(
            index, new AttributeMatch.AnyOf(Attribute(column), [.. Enumerable.Range(1, 20).Select(number => $"{prefix}{number}")]));

    [Fact]
    public async Task Words_of_a_name_are_looked_up()
    {
        string plan = await PlanAsync(
            Request(SearchLevel.Study, new AttributeMatch.AnyOf(SearchAttributes.PatientName, ["fam0123"])) with { FuzzyMatching = true });

        Assert.Contains("study_trigrams_patient_name_words", plan, StringComparison.Ordinal);
        ShouldScanNoTable(plan);
    }

    [Fact]
    public async Task A_short_range_of_dates_is_looked_up_however_long_ago()
        => await AssertUsesAsync("study_by_date", new AttributeMatch.Range(SearchAttributes.StudyDate, "20160110", "20160120"));

    [Theory]
    [InlineData(SearchLevel.Study)]
    [InlineData(SearchLevel.Series)]
    [InlineData(SearchLevel.Instance)]
    public async Task A_page_begins_at_its_position(SearchLevel level)
    {
        string plan = await PlanAsync(Request(level) with { After = new SearchPosition(6_000, 6_000, 6_000) });

        Assert.Matches("Index (Only )?Scan Backward using study_", plan);
        Assert.Matches("Index Cond: .*\\(id <=? '6000'::bigint\\)", plan);
        ShouldScanNoTable(plan);
    }

    [Fact]
    public async Task Newer_studies_of_a_patient_are_found_by_its_id()
    {
        string plan = await PlanAsync(Request(SearchLevel.Study) with { NewestOfPatient = true, WithPatientCounts = true });

        Assert.Contains("using study_by_patient on study n", plan, StringComparison.Ordinal);
        ShouldScanNoTable(plan);
    }

    [Fact]
    public async Task Instances_are_found_by_the_index_of_their_uids()
    {
        string plan = await database.PlanAsync(SearchReads.InstancesSql, "kit", new[] { "1.2.4.5", "1.2.4.6" });

        Assert.Matches("Index Cond: \\(sop_uid = .*wanted\\.sop_uid", plan);
        ShouldScanNoTable(plan);
    }

    [Fact]
    public async Task A_retrieve_reads_the_part_of_its_study_alone()
    {
        RetrieveScope scope = new(new StudyKey(new ProviderName("kit"), new StudyInstanceUid("1.2.826.77")), null, null);
        string plan = await database.PlanAsync(
            RetrieveReads.Rows(scope, StoredInstanceParts.Metadata, blobs: null!).BatchSql, 77L, 0L, long.MinValue, 0L, 64L, 0L, null);

        Assert.Single(plan.Split('\n'), line => line.Contains(" on instance_", StringComparison.Ordinal)
            && !line.Contains("instance_content", StringComparison.Ordinal));
        Assert.DoesNotContain("Sort", plan, StringComparison.Ordinal);
    }


    /// <summary>
    /// Allows a scan of the empty list of damaged objects, which costs less than its index; the planner uses the index when the list grows.
    /// </summary>
    private static void ShouldScanNoTable(string plan) => Assert.DoesNotMatch("Seq Scan on (?!damaged_object)", plan);

    private static SearchAttribute Attribute(string column) => SearchAttributes.All.Single(attribute => attribute.Column == column);

    private static SearchRequest Request(SearchLevel level, params AttributeMatch[] matches)
        => new() { Provider = new ProviderName("kit"), Level = level, Limit = 100, Matches = matches };

    private async Task AssertUsesAsync(string index, AttributeMatch match)
    {
        string plan = await PlanAsync(Request(match.Attribute.Level, match));

        Assert.Contains($" {index}", plan, StringComparison.Ordinal);
        ShouldScanNoTable(plan);
    }

    private Task<string> PlanAsync(SearchRequest request)
    {
        SearchStatement search = SearchSql.Build(request)!;
        return database.PlanAsync(search.Text, [.. search.Parameters]);
    }
}

/// <summary>A database with 8,000 studies, as many instances, and current statistics for the planner.</summary>
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
        _connections = new PostgresConnections(
            _server.Options(_database), Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
    }

    public async Task DisposeAsync()
    {
        await _connections!.DisposeAsync();
        await _server!.DropDatabaseAsync(_database);
    }

    /// <summary>Returns the plan of a query, in a session like the one that runs it.</summary>
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
                command.WithValues([value]);
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
