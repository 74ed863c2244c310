using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>The sweeper's view of the manifest database.</summary>
/// <param name="installationId">The id in the manifest.</param>
/// <param name="pool">The sweeper must not hold up ingest.</param>
internal sealed class PostgresSweepLedger(string installationId, NpgsqlDataSource pool) : ISweepLedger
{
    private const string LeaseSql = """
        INSERT INTO sweep_lease (provider, owner, leased_until) VALUES ($1, $2, now_us() + $3)
        ON CONFLICT (provider) DO UPDATE SET owner = excluded.owner, leased_until = excluded.leased_until
        WHERE sweep_lease.owner = excluded.owner OR sweep_lease.leased_until <= now_us()
        """;

    private const string RaiseSql = """
        INSERT INTO sweep (provider, epoch, nonce, covered_change, swept_at)
        SELECT $1, $2, $3, $4, now_us() WHERE $5 = coalesce((SELECT w.epoch FROM sweep w WHERE w.provider = $1), 0)
        ON CONFLICT (provider) DO UPDATE SET epoch = excluded.epoch, nonce = excluded.nonce, covered_change = excluded.covered_change
        WHERE sweep.epoch = $5
        """;

    private const string MarkSql = "SELECT mark FROM object_store WHERE provider = $1";

    private const string RegisterSql = "INSERT INTO object_store (provider, mark) VALUES ($1, $2) ON CONFLICT (provider) DO NOTHING";

    private const string ForgetSql = """
        WITH damage AS (DELETE FROM damaged_object WHERE object_key = ANY ($1))
        DELETE FROM dropped_object WHERE object_key = ANY ($1)
        """;

    public string InstallationId { get; } = installationId;

    public async Task<bool> TryLeaseAsync(ProviderName space, string owner, TimeSpan lease, CancellationToken cancellationToken)
        => await pool.ExecuteAsync(
            new NpgsqlCommand(LeaseSql).With(space.Value).With(owner).With(ColumnTime.ToColumn(lease)),
            cancellationToken).ConfigureAwait(false) > 0;

    public Task ReleaseAsync(ProviderName space, string owner, CancellationToken cancellationToken)
        => pool.ExecuteAsync(
            new NpgsqlCommand("DELETE FROM sweep_lease WHERE provider = $1 AND owner = $2").With(space.Value).With(owner),
            cancellationToken);

    public Task<SweepState> ReadStateAsync(ProviderName space, CancellationToken cancellationToken)
        => PostgresConnections.RunAsync(
            pool, (connection, token) => SweepReads.ReadStateAsync(connection, space, token), cancellationToken);

    public async Task<bool> TryRaiseAsync(
        ProviderName space, SweepState from, long epoch, string nonce, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(epoch, from.Epoch);
        NpgsqlCommand command = new NpgsqlCommand(RaiseSql).With(space.Value).With(epoch).With(nonce).With(from.LastChange).With(
            from.Epoch);
        return await pool.ExecuteAsync(command, cancellationToken).ConfigureAwait(false) > 0;
    }

    public async Task<string?> ReadStoreMarkAsync(ProviderName space, CancellationToken cancellationToken)
        => (await pool.ListAsync(new NpgsqlCommand(MarkSql).With(space.Value), rows => rows.GetString(0), cancellationToken).ConfigureAwait(
            false)).SingleOrDefault();

    public async Task<string> RegisterStoreMarkAsync(ProviderName space, string mark, CancellationToken cancellationToken)
    {
        await pool.ExecuteAsync(new NpgsqlCommand(RegisterSql).With(space.Value).With(mark), cancellationToken).ConfigureAwait(false);
        return (await ReadStoreMarkAsync(space, cancellationToken).ConfigureAwait(false))!;
    }

    public Task SetSweptAsync(ProviderName space, CancellationToken cancellationToken)
        => pool.ExecuteAsync(
            new NpgsqlCommand("UPDATE sweep SET swept_at = now_us() WHERE provider = $1").With(space.Value), cancellationToken);

    public Task<ObjectNames> FindNamesAsync(ProviderName space, IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
    {
        string[] all = [.. keys.Select(key => key.Value)];
        return PostgresConnections.RunAsync(
            pool,
            (connection, token) => SweepReads.FindNamesAsync(connection, space, new SweepKeys(space, keys), all, token),
            cancellationToken);
    }

    public Task<IReadOnlyList<ObjectKey>> ListDroppedAsync(
        string prefix, ObjectKey after, TimeSpan age, int max, CancellationToken cancellationToken)
    {
        string end = SweepKeys.EndOf(prefix);
        string start = after.IsDefault ? prefix : after.Value;
        return PostgresConnections.RunAsync(
            pool, (connection, token) => SweepReads.ListDroppedAsync(connection, start, end, age, max, token), cancellationToken);
    }

    public Task ForgetDroppedAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
        => pool.ExecuteAsync(new NpgsqlCommand(ForgetSql).With(keys.Select(key => key.Value).ToArray()), cancellationToken);

    public Task<IReadOnlyList<NamedObject>> ListNamedAsync(
        ProviderName space, NamedObject after, int max, CancellationToken cancellationToken)
        => PostgresConnections.RunAsync(
            pool, (connection, token) => SweepReads.ListNamedAsync(connection, space, after, max, token), cancellationToken);
}
