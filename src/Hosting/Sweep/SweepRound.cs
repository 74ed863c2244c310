using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>
/// One round through a storage space: deletes dropped objects, then lists the objects of the installation and deletes those that no row
/// names.
/// </summary>
/// <remarks>It works in batches with a pause after each, and reads the manifest again just before it deletes.</remarks>
/// <param name="ledger">The manifest.</param>
/// <param name="objects">The objects.</param>
/// <param name="space">The storage space.</param>
/// <param name="options">The ages.</param>
/// <param name="time">The clock of the pauses.</param>
/// <param name="permission">Returns the lowest acceptable epoch of the manifest; null if nothing may be deleted any more.</param>
internal sealed class SweepRound(
    ISweepLedger ledger, IObjectStore objects, ProviderName space, SweeperOptions options, TimeProvider time, Func<long?> permission)
{
    private const int LookBatch = 500;
    private const int DeleteBatch = 100;
    private const int ParallelDeletes = 4;

    /// <summary>The longest time of an upload before its commit is refused.</summary>
    private static readonly TimeSpan UploadAge = TimeSpan.FromHours(6);

    private static readonly TimeSpan PauseBetweenBatches = TimeSpan.FromMilliseconds(50);

    private readonly string _folder = ObjectPath.FolderOf(ledger.InstallationId, space);
    private long _listed;
    private long _dropped;
    private long _unnamed;

    /// <exception cref="ManifestUnavailableException">The manifest is not available; the next round deletes what is left.</exception>
    /// <exception cref="ObjectStoreException">The object store is not available.</exception>
    public async Task<SweepCounts> RunAsync(CancellationToken cancellationToken)
    {
        SweepState state = await ledger.ReadStateAsync(space, cancellationToken);

        // Objects of versions without a prefix are found by their rows alone, and never listed.
        bool isComplete = await SweepDroppedAsync(_folder, cancellationToken)
            && await SweepDroppedAsync(ObjectPath.FolderOf("", space), cancellationToken)
            && await SweepUnnamedAsync(state.Now - options.UnnamedAge, cancellationToken);
        int aborted = isComplete && objects is IUnfinishedUploads uploads
            ? await uploads.AbortUnfinishedAsync(_folder, state.Now - UploadAge, cancellationToken)
            : 0;
        return new SweepCounts(_listed, _dropped, _unnamed, aborted, isComplete);
    }

    /// <summary>Deletes dropped objects early if a sender replaces one instance again and again; returns how many.</summary>
    /// <remarks>
    /// Of the dropped objects of an instance, all but <see cref="SweeperOptions.CrowdKept"/> are deleted at the age
    /// <see cref="SweeperOptions.CrowdAge"/>.
    /// </remarks>
    /// <exception cref="ManifestUnavailableException">The manifest is not available; the next call deletes what is left.</exception>
    /// <exception cref="ObjectStoreException">The object store is not available.</exception>
    public async Task<long> DeleteCrowdsAsync(CancellationToken cancellationToken)
    {
        ObjectKey after = default;
        string instance = "";
        int kept = 0;
        while (await ledger.ListDroppedAsync(_folder, after, options.CrowdAge, LookBatch, cancellationToken) is { Count: > 0 } keys)
        {
            List<ObjectKey> crowd = [];
            foreach (ObjectKey key in keys)
            {
                // The keys of one instance are consecutive.
                string folder = key.Value[..(key.Value.LastIndexOf('/') + 1)];
                kept = folder == instance ? kept + 1 : 1;
                instance = folder;
                if (kept > options.CrowdKept && ObjectPath.Parse(key)?.Uids is not null)
                {
                    crowd.Add(key);
                }
            }

            foreach (ObjectKey[] batch in crowd.Chunk(DeleteBatch))
            {
                if (await LookAsync(batch, cancellationToken) is not { } names)
                {
                    return _dropped;
                }

                await DeleteDroppedAsync(batch, names, cancellationToken);
            }

            after = keys[^1];
            await PauseAsync(cancellationToken);
        }

        return _dropped;
    }

    private async Task<bool> SweepDroppedAsync(string prefix, CancellationToken cancellationToken)
    {
        ObjectKey after = default;
        while (true)
        {
            IReadOnlyList<ObjectKey> keys =
                await ledger.ListDroppedAsync(prefix, after, options.DroppedAge, DeleteBatch, cancellationToken);
            if (keys.Count == 0)
            {
                return true;
            }

            if (await LookAsync(keys, cancellationToken) is not { } names)
            {
                return false;
            }

            await DeleteDroppedAsync(keys, names, cancellationToken);
            after = keys[^1];
            await PauseAsync(cancellationToken);
        }
    }

    private async Task DeleteDroppedAsync(IEnumerable<ObjectKey> keys, ObjectNames names, CancellationToken cancellationToken)
    {
        ObjectKey[] gone = [.. keys.Where(key => !names.Named.Contains(key) && names.Dropped.Contains(key))];
        await DeleteAsync(gone, cancellationToken);
        await ledger.ForgetDroppedAsync(gone, cancellationToken);
        _dropped += gone.Length;
    }

    private async Task<bool> SweepUnnamedAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        List<ObjectKey> batch = [];
        await foreach (StoredObject item in objects.ListAsync(_folder, cancellationToken))
        {
            if (!IsOurs(item.Key))
            {
                continue;
            }

            _listed++;
            if (item.WrittenAt <= before)
            {
                batch.Add(item.Key);
            }

            if (batch.Count == LookBatch)
            {
                if (!await SweepBatchAsync(batch, cancellationToken))
                {
                    return false;
                }

                batch.Clear();
                await PauseAsync(cancellationToken);
            }
        }

        return await SweepBatchAsync(batch, cancellationToken);
    }

    private async Task<bool> SweepBatchAsync(List<ObjectKey> batch, CancellationToken cancellationToken)
    {
        if (await LookAsync(batch, cancellationToken) is not { } names)
        {
            return false;
        }

        foreach (ObjectKey[] candidates in batch.Where(key => IsUnreferenced(key, names)).Chunk(DeleteBatch))
        {
            if (await LookAsync(candidates, cancellationToken) is not { } again)
            {
                return false;
            }

            ObjectKey[] gone = [.. candidates.Where(key => IsUnreferenced(key, again))];
            await DeleteAsync(gone, cancellationToken);
            _unnamed += gone.Length;
            await PauseAsync(cancellationToken);
        }

        return true;
    }

    /// <summary>
    /// Reads which keys are named; returns null if nothing may be deleted any more, because the lease was lost or an older manifest
    /// answered.
    /// </summary>
    private async Task<ObjectNames?> LookAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
    {
        if (permission() is not { } epoch)
        {
            return null;
        }

        ObjectNames names = await ledger.FindNamesAsync(space, keys, cancellationToken);
        return names.Epoch >= epoch && permission() is not null ? names : null;
    }

    private Task DeleteAsync(ObjectKey[] keys, CancellationToken cancellationToken)
        => Parallel.ForEachAsync(
            keys,
            new ParallelOptions { MaxDegreeOfParallelism = ParallelDeletes, CancellationToken = cancellationToken },
            async (key, token) => await objects.DeleteAsync(key, token));

    private bool IsOurs(ObjectKey key) => ObjectPath.Parse(key) is { } path && path.Prefix == ledger.InstallationId && path.Space == space;

    /// <summary>Returns whether no row names or has dropped the object; dropped ones have their own age.</summary>
    private static bool IsUnreferenced(ObjectKey key, ObjectNames names) => !names.Named.Contains(key) && !names.Dropped.Contains(key);

    private Task PauseAsync(CancellationToken cancellationToken) => Task.Delay(PauseBetweenBatches, time, cancellationToken);
}

/// <summary>The result of one round of the sweeper.</summary>
/// <param name="Listed">Listed objects of the installation.</param>
/// <param name="Dropped">Deleted objects that their row had dropped.</param>
/// <param name="Unnamed">Deleted objects that no row has ever named.</param>
/// <param name="Aborted">Aborted uploads that were never completed.</param>
/// <param name="IsComplete">False if the lease was lost during the round.</param>
internal readonly record struct SweepCounts(long Listed, long Dropped, long Unnamed, long Aborted, bool IsComplete);
