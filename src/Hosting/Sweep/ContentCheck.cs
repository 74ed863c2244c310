using System.Collections.Concurrent;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>Reads the objects of rows from their first to their last byte and compares them with what was stored.</summary>
/// <remarks>
/// The checksum of the row counts, or its hash if it has none; then the row gets the checksum. Damaged objects are flagged, and repaired
/// ones lose the flag.
/// </remarks>
internal sealed class ContentCheck(
    IContentLedger ledger, ISweepLedger names, IObjectStore objects, IDamagedObjects damaged, DamageReports reports, ProviderName space,
    ReadRate rate)
{
    private const int ParallelReads = 4;

    private readonly Lock _gate = new();

    /// <summary>Reports a finding: the object, and what is wrong or right with it.</summary>
    public Action<ObjectKey, string> Report { get; init; } = (_, _) => { };

    public ContentCounts Counts { get; private set; }

    /// <summary>Continues the check of this name; returns true at its end, after which the next one starts over.</summary>
    /// <param name="name">The name of the check.</param>
    /// <param name="now">The start time of a new check.</param>
    /// <param name="next">Returns how many objects may be checked next; 0 stops.</param>
    /// <param name="cancellationToken">Cancels the check; it continues behind the objects that are noted.</param>
    /// <exception cref="ManifestUnavailableException">The manifest is not available.</exception>
    /// <exception cref="ObjectStoreException">The object store is not available.</exception>
    public async Task<bool> RunAsync(string name, DateTimeOffset now, Func<ContentProgress, int> next, CancellationToken cancellationToken)
    {
        ContentProgress progress = await ledger.ReadProgressAsync(space, name, cancellationToken)
            ?? new ContentProgress(InstancePosition.Start, 0, now);
        while (next(progress) is > 0 and int max)
        {
            IReadOnlyList<ListedInstance> page = await ledger.ListAsync(space, progress.Position, max, cancellationToken);
            if (page.Count == 0)
            {
                await ledger.SaveProgressAsync(space, name, null, cancellationToken);
                return true;
            }

            await CheckAsync(page, cancellationToken);
            progress = progress with { Position = page[^1].Position, Objects = progress.Objects + page.Count };
            await ledger.SaveProgressAsync(space, name, progress, cancellationToken);
        }

        return false;
    }

    private async Task CheckAsync(IReadOnlyList<ListedInstance> page, CancellationToken cancellationToken)
    {
        ConcurrentBag<(ListedInstance Instance, Damage Damage)> bad = [];
        ConcurrentBag<ListedInstance> unreadable = [];
        ConcurrentBag<ObjectKey> restored = [];
        ParallelOptions reads = new() { MaxDegreeOfParallelism = ParallelReads, CancellationToken = cancellationToken };
        ObjectStoreException? fault = null;
        await Parallel.ForEachAsync(page, reads, async (instance, token) =>
        {
            try
            {
                (Damage damage, ObjectDigest digest) = await ExamineAsync(instance.State, token);
                if (damage != Damage.None)
                {
                    bad.Add((instance, damage));
                    return;
                }

                await NoteGoodAsync(instance, digest, token);
                if (instance.State.IsDamaged)
                {
                    restored.Add(instance.State.Object);
                }
            }
            catch (ObjectStoreException exception)
            {
                fault = exception;
                unreadable.Add(instance);
                Report(instance.State.Object, $"cannot be read: {exception.Message}");
            }
        });

        // A single unreadable object may lie on a bad sector; if none can be read, the store is at fault.
        if (fault is not null && unreadable.Count == page.Count && page.Count > 1)
        {
            throw fault;
        }

        await TakeFlagsAsync(restored, cancellationToken);
        long found = await ReportAsync(bad, cancellationToken);
        Counts = Counts with
        {
            Objects = Counts.Objects + page.Count,
            Damaged = Counts.Damaged + found,
            Unreadable = Counts.Unreadable + unreadable.Count,
            Restored = Counts.Restored + restored.Count,
        };
    }

    /// <summary>Reads an object, and again if its bytes differ: memory and network may flip a bit too.</summary>
    private async Task<(Damage Damage, ObjectDigest Digest)> ExamineAsync(InstanceState instance, CancellationToken cancellationToken)
    {
        try
        {
            ObjectDigest digest = await ReadAsync();
            digest = digest.Compare(instance) == Damage.Content ? await ReadAsync() : digest;
            return (digest.Compare(instance), digest);
        }
        catch (ObjectStoreException exception) when (exception.Fault == ObjectStoreFault.NotFound)
        {
            return (Damage.Missing, default);
        }

        Task<ObjectDigest> ReadAsync()
            => ObjectDigest.ReadAsync(objects, instance, withHash: instance.ObjectChecksum is null, rate, cancellationToken);
    }

    private async Task NoteGoodAsync(ListedInstance instance, ObjectDigest digest, CancellationToken cancellationToken)
    {
        bool lacks = instance.State.ObjectChecksum is null;
        if (lacks)
        {
            await ledger.SetChecksumAsync(instance, digest.Checksum, cancellationToken);
        }

        lock (_gate)
        {
            Counts = Counts with { Bytes = Counts.Bytes + digest.Length, Checksums = Counts.Checksums + (lacks ? 1 : 0) };
        }
    }

    private async Task TakeFlagsAsync(IReadOnlyCollection<ObjectKey> restored, CancellationToken cancellationToken)
    {
        if (restored.Count > 0)
        {
            await damaged.RemoveAsync(restored, cancellationToken);
            foreach (ObjectKey key in restored)
            {
                Report(key, "is good again");
            }
        }
    }

    private async Task<long> ReportAsync(
        IReadOnlyCollection<(ListedInstance Instance, Damage Damage)> bad, CancellationToken cancellationToken)
    {
        if (bad.Count == 0)
        {
            return 0;
        }

        // An object that was replaced or deleted meanwhile is not damaged.
        ObjectNames still = await names.FindNamesAsync(space, [.. bad.Select(found => found.Instance.State.Object)], cancellationToken);
        long count = 0;
        foreach ((ListedInstance instance, Damage damage) in bad.Where(found => still.Named.Contains(found.Instance.State.Object)).OrderBy(
            found => found.Instance.Position.Row))
        {
            count++;
            await reports.ReportAsync(instance.State, damage, cancellationToken);
            Report(instance.State.Object, $"is damaged ({damage.ToString().ToLowerInvariant()})");
        }

        return count;
    }
}

/// <summary>The findings of a check of the content.</summary>
/// <param name="Objects">Checked objects.</param>
/// <param name="Bytes">Bytes of the good ones.</param>
/// <param name="Damaged">Objects that are missing, of another length or with other bytes.</param>
/// <param name="Unreadable">Objects that the store could not read.</param>
/// <param name="Restored">Flagged objects that are good again.</param>
/// <param name="Checksums">Rows that got a checksum.</param>
internal readonly record struct ContentCounts(long Objects, long Bytes, long Damaged, long Unreadable, long Restored, long Checksums);
