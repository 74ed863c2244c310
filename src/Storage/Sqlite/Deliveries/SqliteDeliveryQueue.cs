using ImagingIngestion.Manifest.Deliveries;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Sqlite.Deliveries;

/// <summary>The deliveries of all bindings in the file of the manifest. Every call looks with a reader first and writes only when there is something to write.</summary>
internal sealed class SqliteDeliveryQueue(SqliteWriter writer, SqliteReaderPool readers, RemovedBindings removed, TimeProvider timeProvider, SqliteClock clock) : IDeliveryQueue
{
    public async Task RegisterAsync(BindingDefinition binding, CancellationToken cancellationToken)
    {
        DeliveryTypes.Check(binding);
        if (!await readers.RunAsync(reader => BindingRegistration.IsKnown(reader, binding), cancellationToken).ConfigureAwait(false))
        {
            await writer.RunAsync(session => BindingRegistration.Register(session, binding, ColumnTime.ToColumn(timeProvider.GetUtcNow())), cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<FanOutResult> FanOutAsync(BindingDefinition binding, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        BindingRow? row = await readers.RunAsync(reader => BindingRow.Find(reader, binding.Name), cancellationToken).ConfigureAwait(false);
        return row is null || row.IsUpToDate
            ? new FanOutResult(row?.Cursor ?? 0, HasMore: false)
            : await writer.RunAsync(session => FanOut(session, binding, max), cancellationToken).ConfigureAwait(false);
    }

    public async Task<DeliveryClaim> ClaimAsync(string binding, string owner, TimeSpan lease, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        await clock.LookAsync(writer, cancellationToken).ConfigureAwait(false);
        DeliveryClaim? nothing = await readers.RunAsync(reader => FindNothing(reader, binding), cancellationToken).ConfigureAwait(false);
        return nothing ?? await writer.RunAsync(session => Claim(session, binding, owner, lease, max), cancellationToken).ConfigureAwait(false);
    }

    public async Task RenewAsync(IReadOnlyCollection<Delivery> deliveries, TimeSpan lease, CancellationToken cancellationToken)
    {
        if (deliveries.Count > 0)
        {
            await writer.RunAsync(
                session => DeliveryClaims.Renew(session, deliveries, ColumnTime.ToColumn(timeProvider.GetUtcNow() + lease)), cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task SettleAsync(IReadOnlyCollection<DeliverySettlement> settlements, CancellationToken cancellationToken)
    {
        if (settlements.Count > 0)
        {
            await writer.RunAsync(session => DeliverySettling.Settle(session, settlements, timeProvider.GetUtcNow()), cancellationToken).ConfigureAwait(false);
        }
    }

    private FanOutResult FanOut(SqliteSession session, BindingDefinition binding, int max)
    {
        if (BindingRow.Find(session, binding.Name) is not { } row || removed.Contains(binding.Name))
        {
            return default;
        }

        if (row.IsUpToDate)
        {
            return new FanOutResult(row.Cursor, HasMore: false);
        }

        long now = ColumnTime.ToColumn(timeProvider.GetUtcNow());
        return row.IsInSnapshot ? SnapshotFanOut.Run(session, row, binding, max, now) : LogFanOut.Run(session, row, binding, max, now);
    }

    /// <summary>Null when something is due.</summary>
    private DeliveryClaim? FindNothing(SqliteSession reader, string binding)
    {
        BindingRow? row = BindingRow.Find(reader, binding);
        if (row is null || row.IsPaused)
        {
            return DeliveryClaims.Nothing(row is not null);
        }

        DateTimeOffset now = timeProvider.GetUtcNow();
        long? next = DeliveryClaims.NextDue(reader, row);
        return next <= ColumnTime.ToColumn(now) ? null : DeliveryClaims.Nothing(isPaused: false, DeliveryClaims.Until(next, now));
    }

    private DeliveryClaim Claim(SqliteSession session, string binding, string owner, TimeSpan lease, int max)
        => removed.Contains(binding) ? DeliveryClaims.Nothing(isPaused: false) : DeliveryClaims.Claim(session, binding, owner, lease, max, timeProvider.GetUtcNow());
}
