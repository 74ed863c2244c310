using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Storage.TestKit;
using Npgsql;

namespace ImagingIngestion.Storage.Tests.Postgres;

/// <summary>Processes that disturb each other.</summary>
/// <remarks>One holds a row that others wait for, or comes back after its lease has ended.</remarks>
public sealed class PostgresQueueRaceTests : DeliveryConformance
{
    private const string LockBinding = "SELECT 1 FROM imaging.binding FOR NO KEY UPDATE";

    private PostgresBackend? _backend;

    private PostgresBackend Backend => _backend!;

    public override async Task DisposeAsync() => await Backend.DisposeAsync();

    [Fact]
    public async Task Fan_outs_that_wait_for_each_other_go_on_where_the_other_has_ended()
    {
        await RegisterAsync(Everything);
        InstanceId[] instances = await EmitNewAsync(10);
        await using PostgresManifestStore other = await OpenStoreAsync();

        FanOutResult[] results = await WhileLockedAsync(
            LockBinding,
            () => Deliveries.FanOutAsync(Everything, 4, CancellationToken.None),
            () => other.Deliveries.FanOutAsync(Everything, 4, CancellationToken.None));

        Assert.Equal([4, 8], results.Select(result => result.Cursor).Order());
        await FanOutAsync(Everything);
        IReadOnlyList<Delivery> claimed = await ClaimAsync(Everything);
        Assert.Equal(
            instances.OrderBy(id => id.Sop.Value), claimed.Select(delivery => delivery.Instance!.Value).OrderBy(id => id.Sop.Value));
    }

    [Fact]
    public async Task A_dead_letter_that_a_newer_event_brings_back_is_not_dropped()
    {
        await RegisterAsync(Instances);
        await EmitNewAsync(1);
        await SettleAllAsync(await FanOutAndClaimAsync(Instances), DeliveryOutcome.DeadLetter, "refused");

        int[] dropped = await WhileLockedAsync(
            $"{LockBinding}; UPDATE imaging.delivery SET is_dead = false, dead_since = NULL, due_at = 0",
            () => Bindings.DropAsync(Instances.Name, null, CancellationToken.None));

        Assert.Equal([0], dropped);
        Assert.Single(await ClaimAsync(Instances));
    }

    [Fact]
    public async Task Who_comes_back_after_its_lease_changes_nothing_of_what_another_process_holds()
    {
        await RegisterAsync(Instances);
        await EmitNewAsync(3);
        await FanOutAsync(Instances);
        await using PostgresManifestStore other = await OpenStoreAsync();
        IReadOnlyList<Delivery> late = await ClaimAsync(Instances);
        Time.Advance(Lease + TimeSpan.FromSeconds(1));
        DeliveryClaim held = await other.Deliveries.ClaimAsync(Instances.Name, "two", Lease, 100, CancellationToken.None);
        Assert.Equal(3, held.Deliveries.Count);

        await Deliveries.RenewAsync(late, TimeSpan.FromHours(1), CancellationToken.None);
        await SettleAsync(late[0], DeliveryOutcome.Delivered);
        await SettleAsync(late[1], DeliveryOutcome.DeadLetter, error: "refused");
        await SettleAsync(late[2], DeliveryOutcome.Retry, TimeSpan.Zero);

        Assert.Equal(3, (await StatusAsync(Instances)).Waiting);
        Assert.Equal(Lease, (await TryClaimAsync(Instances)).NextIn);
        await other.Deliveries.SettleAsync(
            [.. held.Deliveries.Select(delivery => new DeliverySettlement(delivery, DeliveryOutcome.Delivered))], CancellationToken.None);
        Assert.Equal(0, (await StatusAsync(Instances)).Waiting);
    }

    [Fact]
    public async Task A_claim_passes_over_what_another_process_is_claiming()
    {
        await RegisterAsync(Instances);
        await EmitNewAsync(5);
        await FanOutAsync(Instances);
        await using NpgsqlConnection holder = await BeginAsync("SELECT 1 FROM (SELECT id FROM imaging.delivery ORDER BY id LIMIT 2) d JOIN "
            + "imaging.delivery USING (id) FOR UPDATE OF delivery");

        Assert.Equal(3, (await ClaimAsync(Instances)).Count);

        await ExecuteAsync(holder, "ROLLBACK");
        Assert.Equal(2, (await ClaimAsync(Instances)).Count);
    }

    [Fact]
    public async Task Due_revisions_that_silos_claim_at_once_are_claimed_once_each()
    {
        const int due = 40;
        await StoreDueAsync(due);
        await using PostgresManifestStore second = await OpenStoreAsync();
        await using PostgresManifestStore third = await OpenStoreAsync();

        IReadOnlyList<RevisionClaim>[] claims = await Task.WhenAll(
            ClaimAllAsync(Revisions, "one"), ClaimAllAsync(second.Revisions, "two"), ClaimAllAsync(third.Revisions, "three"));

        Assert.Equal(due, claims.Sum(claim => claim.Count));
        Assert.Equal(due, claims.SelectMany(claim => claim).Select(claim => claim.Study).Distinct().Count());
        Assert.Equal(Lease, await second.Revisions.NextDueAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_binding_is_not_made_known_while_events_that_it_needs_are_removed()
    {
        await EmitNewAsync(3);
        BindingDefinition fromOldest = Everything with { Start = BindingStart.Beginning };

        await WhileLockedAsync(
            "SELECT 1 FROM imaging.event_log FOR UPDATE; UPDATE imaging.event_log SET removed_through = 2; DELETE FROM imaging.event WHERE "
                + "sequence <= 2",
            () => RegisterOneAsync(fromOldest));

        Assert.Equal(2, (await StatusAsync(fromOldest)).Cursor);
    }

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();

    private static async Task<IReadOnlyList<RevisionClaim>> ClaimAllAsync(IRevisionQueue queue, string owner)
    {
        List<RevisionClaim> all = [];
        for (int idle = 0; idle < 3;)
        {
            IReadOnlyList<RevisionClaim> claims = await Task.Run(() => queue.ClaimDueAsync(owner, Lease, 3, CancellationToken.None));
            all.AddRange(claims);
            idle = claims.Count == 0 ? idle + 1 : 0;
        }

        return all;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Starts calls while a transaction holds rows, and ends the transaction when all calls wait for it.</summary>
    private async Task<T[]> WhileLockedAsync<T>(string sql, params Func<Task<T>>[] calls)
    {
        await using NpgsqlConnection holder = await BeginAsync(sql);
        Task<T>[] running = [.. calls.Select(Task.Run)];
        await ExecuteAsync(
            holder,
            $"""
            DO $$
            BEGIN
                FOR turn IN 1..2000 LOOP
                    PERFORM pg_stat_clear_snapshot();
                    IF (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock') = {calls.Length} THEN
                        RETURN;
                    END IF;
                    PERFORM pg_sleep(0.01);
                END LOOP;
                RAISE 'nobody waits';
            END $$
            """);
        await ExecuteAsync(holder, "COMMIT");
        return await Task.WhenAll(running);
    }

    private async Task StoreDueAsync(int count)
    {
        for (int n = 0; n < count; n++)
        {
            SampleStudy study = new();
            await SaveAsync(study, study.Change() with { Timing = new RevisionTiming(TimeSpan.Zero, TimeSpan.Zero) });
        }
    }

    private async Task<bool> RegisterOneAsync(BindingDefinition binding)
    {
        await RegisterAsync(binding);
        return true;
    }

    private Task<PostgresManifestStore> OpenStoreAsync()
        => PostgresManifestStore.OpenAsync(Backend.Options, Supervision.Of(TimeProvider.System), CancellationToken.None);

    private async Task<NpgsqlConnection> BeginAsync(string sql)
    {
        NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder
        {
            Host = Backend.Options.Host,
            Port = Backend.Options.Port,
            Database = Backend.Database,
            Username = Backend.Options.User,
            Password = Backend.Options.Password,
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync();
        await ExecuteAsync(connection, $"BEGIN; {sql}");
        return connection;
    }
}
