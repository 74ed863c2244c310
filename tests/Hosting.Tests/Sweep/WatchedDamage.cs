using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Hosting.Tests.Sweep;

/// <summary>The real list of damaged objects, which tells of the first one.</summary>
internal sealed class WatchedDamage(IDamagedObjects inner) : IDamagedObjects
{
    private readonly TaskCompletionSource<ObjectKey> _found = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<ObjectKey> Found => _found.Task;

    public async Task AddAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
    {
        await inner.AddAsync(keys, cancellationToken);
        _found.TrySetResult(keys.First());
    }

    public Task RemoveAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken) => inner.RemoveAsync(keys, cancellationToken);
}
