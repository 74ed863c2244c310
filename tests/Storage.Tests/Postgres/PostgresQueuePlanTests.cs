using ImagingIngestion.Storage.Postgres;
using Npgsql;

namespace ImagingIngestion.Storage.Tests.Postgres;

/// <summary>Claims read the indexes of what is due, however much waits.</summary>
public sealed class PostgresQueuePlanTests : IAsyncLifetime
{
    private PostgresBackend? _backend;

    private PostgresBackend Backend => _backend!;

    public async Task InitializeAsync() => _backend = await PostgresBackend.CreateAsync();

    public async Task DisposeAsync() => await Backend.DisposeAsync();

    [Fact]
    public async Task Deliveries_are_claimed_by_their_index_where_a_hundred_thousand_wait()
    {
        await Backend.ExecuteAsync(
            """
            SET search_path = imaging;
            INSERT INTO binding (name, kind, keeps_every_event, cursor, created_at) VALUES ('archive', 'stow', false, 0, 0);
            INSERT INTO delivery (binding_id, study_id, series_uid, sop_uid, slot, sequence, type, due_at, created_at)
            SELECT (SELECT id FROM binding), n / 100, '1.2', '1.2.' || n, 0, n, 1, n, n FROM generate_series(1, 100000) n
            """);

        string plan =
            await ExplainAsync(PostgresDeliveryQueue.ClaimSql, command => command.With("archive").With("one").With(30_000_000L).With(50));

        Assert.Contains("Index Scan using delivery_due on delivery", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on delivery", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revisions_are_claimed_by_their_index_where_a_hundred_thousand_are_open()
    {
        await Backend.ExecuteAsync(
            "INSERT INTO imaging.open_revision (study_id, revision, opened_at, due_at) SELECT n, 1, n, n FROM generate_series(1, 100000) "
                + "n");

        string plan = await ExplainAsync(PostgresRevisionQueue.ClaimSql, command => command.With("one").With(30_000_000L).With(50));

        Assert.Contains("Index Scan using open_revision_due on open_revision", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on open_revision", plan, StringComparison.Ordinal);
    }

    private async Task<string> ExplainAsync(string sql, Func<NpgsqlCommand, NpgsqlCommand> bind)
    {
        await using PostgresConnections connections = new(
            Backend.Options, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        return string.Join('\n', await connections.Grains.ListAsync(
            bind(new NpgsqlCommand($"EXPLAIN {sql}")), rows => rows.GetString(0), CancellationToken.None));
    }
}
