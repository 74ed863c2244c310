using System.Collections.Concurrent;
using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Cluster;

/// <summary>
/// The silos that are alive as far as this process knows: the table as it was last read, and what calls have shown since. While the table
/// cannot be read, what it said last stays.
/// </summary>
public sealed partial class SiloDirectory(ISiloTable table, ClusterOptions options, TimeProvider time, ILogger<SiloDirectory> logger)
{
    // Many calls that fail at once ask for one look at the table.
    private static readonly TimeSpan ShortestAge = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, long> _suspects = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private Task? _reading;
    private IReadOnlyList<SiloEntry>? _silos;
    private long _readAt;

    /// <summary>The silos in the order in which to call them for a study: its owner first, those that just failed last.</summary>
    public async ValueTask<IReadOnlyList<SiloEntry>> OrderAsync(StudyKey study, CancellationToken cancellationToken)
    {
        IReadOnlyList<SiloEntry>? silos = Volatile.Read(ref _silos);
        if (silos is null || time.GetElapsedTime(Interlocked.Read(ref _readAt)) >= options.Heartbeat)
        {
            Task reading = ReadOnceAsync(CancellationToken.None);
            if (silos is null)
            {
                await reading.WaitAsync(cancellationToken);
            }
        }

        return Order(study);
    }

    /// <summary>The same from what is known already, without a look at the table; empty before the first one.</summary>
    public IReadOnlyList<SiloEntry> Order(StudyKey study)
    {
        IReadOnlyList<SiloEntry> order = Rendezvous.Order(study, Volatile.Read(ref _silos) ?? []);
        return _suspects.IsEmpty ? order : [.. order.OrderBy(silo => IsSuspect(silo.Id))];
    }

    /// <summary>Reads the table, unless that was just done.</summary>
    public Task RefreshAsync(CancellationToken cancellationToken)
        => Volatile.Read(ref _silos) is not null && time.GetElapsedTime(Interlocked.Read(ref _readAt)) < ShortestAge
            ? Task.CompletedTask
            : ReadOnceAsync(CancellationToken.None).WaitAsync(cancellationToken);

    /// <summary>
    /// A silo did not take a call: others come first until it is found well, or has had time to leave the table. The table is read again.
    /// </summary>
    public void Suspect(SiloEntry silo, string reason)
    {
        if (_suspects.TryAdd(silo.Id, time.GetTimestamp()))
        {
            LogSuspect(logger, silo.Id, silo.Address, reason);
        }
        else
        {
            _suspects[silo.Id] = time.GetTimestamp();
        }

        _ = RefreshAsync(CancellationToken.None);
    }

    /// <summary>A silo answered.</summary>
    public void Trust(SiloEntry silo)
    {
        if (!_suspects.IsEmpty)
        {
            _suspects.TryRemove(silo.Id, out _);
        }
    }

    private bool IsSuspect(string id) => _suspects.TryGetValue(id, out long since) && time.GetElapsedTime(since) < options.DeadAfter;

    /// <summary>One look at a time; never fails.</summary>
    private Task ReadOnceAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_reading is null or { IsCompleted: true })
            {
                _reading = Task.Run(() => ReadAsync(cancellationToken), CancellationToken.None);
            }

            return _reading;
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(options.DeadAfter, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            IReadOnlyList<SiloEntry> silos = await table.ListLiveAsync(options.DeadAfter, either.Token);
            HashSet<string> ids = [.. silos.Select(silo => silo.Id)];
            foreach (string gone in _suspects.Keys.Where(id => !ids.Contains(id)))
            {
                _suspects.TryRemove(gone, out _);
            }

            Volatile.Write(ref _silos, silos);
        }
        catch (Exception error) when (error is ManifestUnavailableException or OperationCanceledException)
        {
            LogTableUnavailable(logger, error.GetType().Name);
        }
        catch (Exception error)
        {
            LogTableFailed(logger, error);
        }

        Interlocked.Exchange(ref _readAt, time.GetTimestamp());
    }
}
