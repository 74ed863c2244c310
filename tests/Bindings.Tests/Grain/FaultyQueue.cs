using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Tests.Grain;

/// <summary>A queue whose store is unavailable for some calls.</summary>
internal sealed class FaultyQueue(IDeliveryQueue queue) : IDeliveryQueue
{
    private int _faults;

    /// <summary>How many calls except settlements fail from now on.</summary>
    public int Faults
    {
        get => Volatile.Read(ref _faults);
        set => Volatile.Write(ref _faults, value);
    }

    /// <summary>Settlements do not reach the store, as if the process were killed before them.</summary>
    public bool LosesSettlements { get; init; }

    /// <summary>Called before each turn of events into deliveries.</summary>
    public Action Turning { get; init; } = () => { };

    /// <summary>The store refuses every transaction with a settlement of this delivery.</summary>
    public Func<DeliverySettlement, bool> Refuses { get; init; } = _ => false;

    public Task RegisterAsync(BindingDefinition binding, CancellationToken cancellationToken)
    {
        Fail();
        return queue.RegisterAsync(binding, cancellationToken);
    }

    public Task<FanOutResult> FanOutAsync(BindingDefinition binding, int max, CancellationToken cancellationToken)
    {
        Fail();
        Turning();
        return queue.FanOutAsync(binding, max, cancellationToken);
    }

    public Task<DeliveryClaim> ClaimAsync(string binding, string owner, TimeSpan lease, int max, CancellationToken cancellationToken)
    {
        Fail();
        return queue.ClaimAsync(binding, owner, lease, max, cancellationToken);
    }

    public Task RenewAsync(IReadOnlyCollection<Delivery> deliveries, TimeSpan lease, CancellationToken cancellationToken)
        => LosesSettlements ? Task.CompletedTask : queue.RenewAsync(deliveries, lease, cancellationToken);

    public Task SettleAsync(IReadOnlyCollection<DeliverySettlement> settlements, CancellationToken cancellationToken)
        => LosesSettlements ? throw new ManifestUnavailableException("The store is away.")
            : settlements.Any(Refuses) ? throw new ManifestUnavailableException("The store refuses a value.") { IsRefusal = true }
            : queue.SettleAsync(settlements, cancellationToken);

    private void Fail()
    {
        if (Interlocked.Decrement(ref _faults) >= 0)
        {
            throw new ManifestUnavailableException("The store is away.");
        }
    }
}
