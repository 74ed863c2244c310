using System.Collections.Concurrent;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Grain;

/// <summary>The claimed and unsettled deliveries. Their leases are renewed however long a call takes.</summary>
internal sealed class HeldLeases(BindingOptions binding, IDeliveryQueue queue, Supervision supervision)
{
    private readonly SupervisedLoop _loop = supervision.Loop($"binding {binding.Name}: renewing leases", binding.Lease / 10);
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

    /// <summary>Renews until cancelled.</summary>
    /// <remarks>
    /// A store that cannot be reached is asked again soon. A lease that ends meanwhile leads to a second delivery, which is harmless.
    /// </remarks>
    public Task RunAsync(CancellationToken cancellationToken) => _loop.RunAsync(RenewAsync, cancellationToken);

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!_held.IsEmpty)
            {
                await queue.RenewAsync([.. _held.Values], binding.Lease, cancellationToken).ConfigureAwait(false);
            }

            _loop.Succeed();
            await _loop.PauseAsync(binding.Lease / 3, cancellationToken).ConfigureAwait(false);
        }
    }
}
