using System.Collections.Concurrent;
using ImagingIngestion.Grains;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings;

/// <summary>The deliveries that are claimed and not settled yet. Their leases are renewed until they are, however long a call takes.</summary>
internal sealed partial class HeldLeases(string binding, IDeliveryQueue queue, TimeProvider time, ILogger logger)
{
    /// <summary>After a crash, deliveries that were on their way wait this long.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<long, Delivery> _held = new();

    public int Count => _held.Count;

    public void Add(IEnumerable<Delivery> deliveries)
    {
        foreach (Delivery delivery in deliveries)
        {
            _held[delivery.Id] = delivery;
        }
    }

    public void Remove(IEnumerable<Delivery> deliveries)
    {
        foreach (Delivery delivery in deliveries)
        {
            _held.TryRemove(delivery.Id, out _);
        }
    }

    /// <summary>Renews until it is cancelled. A store that cannot be reached is asked again soon: leases that end meanwhile mean a second delivery, which is harmless.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        Pause pause = new(time);
        TimeSpan interval = Lease / 3;
        while (!cancellationToken.IsCancellationRequested)
        {
            await pause.ForAsync(interval, cancellationToken).ConfigureAwait(false);
            interval = await TryRenewAsync(cancellationToken).ConfigureAwait(false) ? Lease / 3 : Lease / 10;
        }
    }

    private async Task<bool> TryRenewAsync(CancellationToken cancellationToken)
    {
        Delivery[] held = [.. _held.Values];
        if (held.Length == 0)
        {
            return true;
        }

        try
        {
            await queue.RenewAsync(held, Lease, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, binding, held.Length, error);
            return false;
        }
    }
}
