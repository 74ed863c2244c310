using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>The sweeper's view of the manifest database. Leases stay in memory: one process has the file.</summary>
/// <param name="installationId">The id in the manifest.</param>
/// <param name="writer">Writes epochs and forgets objects.</param>
/// <param name="readers">Look for names.</param>
/// <param name="timeProvider">The clock of the store.</param>
internal sealed class SqliteSweepLedger(string installationId, SqliteWriter writer, SqliteReaderPool readers, TimeProvider timeProvider)
    : ISweepLedger
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ProviderName, (string Owner, DateTimeOffset Until)> _leases = [];

    public string InstallationId { get; } = installationId;

    public Task<bool> TryLeaseAsync(ProviderName space, string owner, TimeSpan lease, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        DateTimeOffset now = timeProvider.GetUtcNow();
        lock (_gate)
        {
            if (_leases.TryGetValue(space, out (string Owner, DateTimeOffset Until) held) && held.Owner != owner && held.Until > now)
            {
                return Task.FromResult(false);
            }

            _leases[space] = (owner, now + lease);
            return Task.FromResult(true);
        }
    }

    public Task ReleaseAsync(ProviderName space, string owner, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_leases.TryGetValue(space, out (string Owner, DateTimeOffset Until) held) && held.Owner == owner)
            {
                _leases.Remove(space);
            }
        }

        return Task.CompletedTask;
    }

    public Task<SweepState> ReadStateAsync(ProviderName space, CancellationToken cancellationToken)
        => readers.RunAsync(reader => SweepRows.ReadState(reader, space, ColumnTime.Now(timeProvider)), cancellationToken);

    public Task<bool> TryRaiseAsync(ProviderName space, SweepState from, long epoch, string nonce, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(epoch, from.Epoch);
        return writer.RunAsync(
            session => SweepRows.TryRaise(session, space, from, epoch, nonce, ColumnTime.Now(timeProvider)), cancellationToken);
    }

    public Task<string?> ReadStoreMarkAsync(ProviderName space, CancellationToken cancellationToken)
        => readers.RunAsync(reader => SweepRows.ReadMark(reader, space), cancellationToken);

    public Task<string> RegisterStoreMarkAsync(ProviderName space, string mark, CancellationToken cancellationToken)
        => writer.RunAsync(session => SweepRows.RegisterMark(session, space, mark), cancellationToken);

    public Task SetSweptAsync(ProviderName space, CancellationToken cancellationToken)
        => writer.RunAsync(session => SweepRows.SetSwept(session, space, ColumnTime.Now(timeProvider)), cancellationToken);

    public Task<ObjectNames> FindNamesAsync(ProviderName space, IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
    {
        SweepKeys parted = new(space, keys);
        string all = SweepRows.Json(keys.Select(key => key.Value));
        return readers.RunAsync(reader => reader.InSnapshot(() => SweepRows.FindNames(reader, space, parted, all)), cancellationToken);
    }

    public Task<IReadOnlyList<ObjectKey>> ListDroppedAsync(
        string prefix, ObjectKey after, TimeSpan age, int max, CancellationToken cancellationToken)
    {
        string end = SweepKeys.EndOf(prefix);
        string start = after.IsDefault ? prefix : after.Value;
        return readers.RunAsync(
            reader => SweepRows.ListDropped(reader, start, end, ColumnTime.Now(timeProvider) - ColumnTime.ToColumn(age), max),
            cancellationToken);
    }

    public Task ForgetDroppedAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
    {
        string all = SweepRows.Json(keys.Select(key => key.Value));
        return writer.RunAsync(session => SweepRows.Forget(session, all), cancellationToken);
    }

    public Task<IReadOnlyList<NamedObject>> ListNamedAsync(
        ProviderName space, NamedObject after, int max, CancellationToken cancellationToken)
        => readers.RunAsync(reader => SweepRows.ListNamed(reader, space, after, max), cancellationToken);
}
