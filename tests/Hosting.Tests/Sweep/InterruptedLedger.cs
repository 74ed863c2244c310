using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Hosting.Tests.Sweep;

/// <summary>A real ledger to which something happens at a bad moment.</summary>
internal sealed class InterruptedLedger(ISweepLedger inner) : ISweepLedger
{
    /// <summary>Happens once, behind the first look for names.</summary>
    public Func<Task>? AfterFind { get; set; }

    public bool FailsToForget { get; init; }

    /// <summary>How much older the manifest is that answers looks for names.</summary>
    public long EpochsBack { get; init; }

    public string InstallationId => inner.InstallationId;

    public Task<bool> TryLeaseAsync(ProviderName space, string owner, TimeSpan lease, CancellationToken cancellationToken)
        => inner.TryLeaseAsync(space, owner, lease, cancellationToken);

    public Task ReleaseAsync(ProviderName space, string owner, CancellationToken cancellationToken) => inner.ReleaseAsync(space, owner, cancellationToken);

    public Task<SweepState> ReadStateAsync(ProviderName space, CancellationToken cancellationToken) => inner.ReadStateAsync(space, cancellationToken);

    public Task<bool> TryRaiseAsync(ProviderName space, SweepState from, long epoch, string nonce, CancellationToken cancellationToken)
        => inner.TryRaiseAsync(space, from, epoch, nonce, cancellationToken);

    public Task<string?> ReadStoreMarkAsync(ProviderName space, CancellationToken cancellationToken) => inner.ReadStoreMarkAsync(space, cancellationToken);

    public Task<string> RegisterStoreMarkAsync(ProviderName space, string mark, CancellationToken cancellationToken)
        => inner.RegisterStoreMarkAsync(space, mark, cancellationToken);

    public Task SetSweptAsync(ProviderName space, CancellationToken cancellationToken) => inner.SetSweptAsync(space, cancellationToken);

    public async Task<ObjectNames> FindNamesAsync(ProviderName space, IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
    {
        ObjectNames names = await inner.FindNamesAsync(space, keys, cancellationToken);
        if (AfterFind is { } interruption)
        {
            AfterFind = null;
            await interruption();
        }

        return names with { Epoch = names.Epoch - EpochsBack };
    }

    public Task<IReadOnlyList<ObjectKey>> ListDroppedAsync(string prefix, ObjectKey after, TimeSpan age, int max, CancellationToken cancellationToken)
        => inner.ListDroppedAsync(prefix, after, age, max, cancellationToken);

    public Task ForgetDroppedAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
        => FailsToForget ? throw new ManifestUnavailableException("The connection is lost.") : inner.ForgetDroppedAsync(keys, cancellationToken);

    public Task<IReadOnlyList<NamedObject>> ListNamedAsync(ProviderName space, NamedObject after, int max, CancellationToken cancellationToken)
        => inner.ListNamedAsync(space, after, max, cancellationToken);
}
