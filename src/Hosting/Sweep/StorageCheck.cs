using System.Collections.Concurrent;
using System.Globalization;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>
/// Compares the objects that the manifest names with those of the object store, for an operator who has restored one of them.
/// </summary>
/// <param name="ledger">The manifest.</param>
/// <param name="objects">The objects.</param>
/// <param name="space">The storage space.</param>
/// <param name="time">The clock for the arming.</param>
/// <param name="output">Gets one line for each difference, and a summary.</param>
public sealed class StorageCheck(ISweepLedger ledger, IObjectStore objects, ProviderName space, TimeProvider time, TextWriter output)
{
    private const int Batch = 500;
    private const int ParallelLooks = 8;

    private readonly SweepArming _arming = new(ledger, objects, space, time);
    private long _named;
    private long _missing;
    private long _unnamed;
    private long _unnamedBytes;
    private long _dropped;

    /// <summary>Writes the findings; returns true if every named object exists with its length.</summary>
    /// <param name="arms">Arms the sweeper afterwards.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ManifestUnavailableException">The manifest is not available.</exception>
    /// <exception cref="ObjectStoreException">The object store is not available.</exception>
    public async Task<bool> RunAsync(bool arms, CancellationToken cancellationToken)
    {
        await LookForMissingAsync(cancellationToken);
        await LookForUnnamedAsync(cancellationToken);
        await output.WriteLineAsync(
            string.Create(CultureInfo.InvariantCulture, $"Storage space {space}, installation {ledger.InstallationId}:"));
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"  {_named} objects are named by the manifest; {_missing} of them are missing or have another length"));
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"  {_unnamed} objects are named by no row ({_unnamedBytes} bytes, including running uploads)"));
        await output.WriteLineAsync(
            string.Create(CultureInfo.InvariantCulture, $"  {_dropped} objects of replaced or deleted instances are still there"));
        SweepStanding standing = arms ? await _arming.ArmAsync(cancellationToken) : await _arming.CompareAsync(cancellationToken);
        await output.WriteLineAsync(standing.Fault is { } fault
            ? $"The sweeper is disarmed: {fault}. Once no unnamed object above is to be kept, run this again with --arm."
            : "The sweeper is armed.");
        return _missing == 0;
    }

    private async Task LookForMissingAsync(CancellationToken cancellationToken)
    {
        ParallelOptions looks = new() { MaxDegreeOfParallelism = ParallelLooks, CancellationToken = cancellationToken };
        NamedObject last = default;
        while (await ledger.ListNamedAsync(space, last, Batch, cancellationToken) is { Count: > 0 } page)
        {
            ConcurrentBag<NamedObject> absent = [];
            await Parallel.ForEachAsync(page, looks, async (named, token) =>
            {
                if ((await objects.FindAsync(named.Key, token))?.Length != named.Length)
                {
                    absent.Add(named);
                }
            });

            // An object that was replaced or deleted meanwhile is not missing.
            ObjectNames names = await ledger.FindNamesAsync(space, [.. absent.Select(named => named.Key)], cancellationToken);
            foreach (NamedObject named in absent.Where(named => names.Named.Contains(named.Key)).OrderBy(named => named.Position))
            {
                _missing++;
                await output.WriteLineAsync($"missing  {named.Key}");
            }

            _named += page.Count;
            last = page[^1];
        }
    }

    private async Task LookForUnnamedAsync(CancellationToken cancellationToken)
    {
        List<StoredObject> batch = [];
        await foreach (StoredObject item in objects.ListAsync(ObjectPath.FolderOf(ledger.InstallationId, space), cancellationToken))
        {
            batch.Add(item);
            if (batch.Count == Batch)
            {
                await ReportUnnamedAsync(batch, cancellationToken);
                batch.Clear();
            }
        }

        await ReportUnnamedAsync(batch, cancellationToken);
    }

    private async Task ReportUnnamedAsync(List<StoredObject> batch, CancellationToken cancellationToken)
    {
        ObjectNames names = await ledger.FindNamesAsync(space, [.. batch.Select(item => item.Key)], cancellationToken);
        _dropped += names.Dropped.Count;
        foreach (StoredObject item in batch.Where(item => !names.Named.Contains(item.Key) && !names.Dropped.Contains(item.Key)))
        {
            _unnamed++;
            _unnamedBytes += item.Length;
            await output.WriteLineAsync(
                string.Create(CultureInfo.InvariantCulture, $"unnamed  {item.Key}  {item.Length}  {item.WrittenAt.UtcDateTime:u}"));
        }
    }
}
