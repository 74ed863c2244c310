using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>
/// One round through a storage space: deletes objects that rows have dropped, then lists the objects of the installation and deletes those
/// that no row names. Works in batches with a pause behind each, and looks at the manifest just before it deletes.
/// </summary>
/// <param name="ledger">The manifest.</param>
/// <param name="objects">The objects.</param>
/// <param name="space">The storage space.</param>
/// <param name="options">The ages.</param>
/// <param name="time">For the pauses.</param>
/// <param name="permission">The least epoch that the manifest must tell; null when nothing may be deleted any more.</param>
internal sealed class SweepRound(
    ISweepLedger ledger, IObjectStore objects, ProviderName space, SweeperOptions options, TimeProvider time, Func<long?> permission)
{
    private const int LookBatch = 500;
    private const int DeleteBatch = 100;
    private const int ParallelDeletes = 4;

    /// <summary>As long as an upload may take before its commit is refused.</summary>
    private static readonly TimeSpan UploadAge = TimeSpan.FromHours(6);

    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    private readonly string _folder = ObjectPath.FolderOf(ledger.InstallationId, space);
    private long _listed;
    private long _dropped;
    private long _unnamed;

    /// <exception cref="ManifestUnavailableException">The manifest cannot be asked; what is not deleted is for the next round.</exception>
    /// <exception cref="ObjectStoreException">The object store cannot be asked.</exception>
    public async Task<SweepCounts> RunAsync(CancellationToken cancellationToken)
    {
        SweepState state = await ledger.ReadStateAsync(space, cancellationToken);

        // Objects of versions that had no prefix are told by their rows alone, and never listed.
        bool isComplete = await SweepDroppedAsync(_folder, cancellationToken)
            && await SweepDroppedAsync(ObjectPath.FolderOf("", space), cancellationToken)
            && await SweepUnnamedAsync(state.Now - options.UnnamedAge, cancellationToken);
        int aborted = isComplete && objects is IUnfinishedUploads uploads
            ? await uploads.AbortUnfinishedAsync(_folder, state.Now - UploadAge, cancellationToken)
            : 0;
        return new SweepCounts(_listed, _dropped, _unnamed, aborted, isComplete);
    }

    /// <summary>
    /// Deletes what a sender leaves that sends other content of one instance again and again: of the objects that each instance has
    /// dropped, all but <see cref="SweeperOptions.CrowdKept"/> go when they are <see cref="SweeperOptions.CrowdAge"/> old. Returns how
    /// many.
    /// </summary>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be asked; what is not deleted is for the next time.</exception>
    /// <exception cref="ObjectStoreException">The object store cannot be asked.</exception>
    public async Task<long> ThinAsync(CancellationToken cancellationToken)
    {
        ObjectKey after = default;
        string instance = "";
        int kept = 0;
        while (await ledger.ListDroppedAsync(_folder, after, options.CrowdAge, LookBatch, cancellationToken) is { Count: > 0 } keys)
        {
            List<ObjectKey> crowd = [];
            foreach (ObjectKey key in keys)
            {
                // The keys of one instance follow each other.
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

        foreach (ObjectKey[] candidates in batch.Where(key => IsNobodys(key, names)).Chunk(DeleteBatch))
        {
            if (await LookAsync(candidates, cancellationToken) is not { } again)
            {
                return false;
            }

            ObjectKey[] gone = [.. candidates.Where(key => IsNobodys(key, again))];
            await DeleteAsync(gone, cancellationToken);
            _unnamed += gone.Length;
            await PauseAsync(cancellationToken);
        }

        return true;
    }

    /// <summary>Null when nothing may be deleted any more: the right was lost, or it is an older manifest that answers.</summary>
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

    /// <summary>What rows have dropped has an age of its own.</summary>
    private static bool IsNobodys(ObjectKey key, ObjectNames names) => !names.Named.Contains(key) && !names.Dropped.Contains(key);

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(Breath, time);
        await timer.WaitForNextTickAsync(cancellationToken);
    }
}

/// <summary>What one round of the sweeper has done.</summary>
/// <param name="Listed">Objects of the installation that were seen.</param>
/// <param name="Dropped">Deleted because their row had dropped them.</param>
/// <param name="Unnamed">Deleted because no row has ever named them.</param>
/// <param name="Aborted">Uploads that were never completed.</param>
/// <param name="IsComplete">False when the right to sweep was lost on the way.</param>
internal readonly record struct SweepCounts(long Listed, long Dropped, long Unnamed, long Aborted, bool IsComplete);
