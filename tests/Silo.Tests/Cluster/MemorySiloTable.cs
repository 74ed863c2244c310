using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Silo.Tests.Cluster;

/// <summary>A table of silos in memory, by the clock of this process.</summary>
internal sealed class MemorySiloTable : ISiloTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (SiloEntry Silo, long SeenAt)> _rows = new(StringComparer.Ordinal);

    public Task HeartbeatAsync(SiloEntry silo, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _rows[silo.Id] = (silo, TimeProvider.System.GetTimestamp());
        }

        return Task.CompletedTask;
    }

    public Task LeaveAsync(string id, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _rows.Remove(id);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<SiloEntry>> ListLiveAsync(TimeSpan maxAge, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<SiloEntry>>([.. _rows.Values
                .Where(row => TimeProvider.System.GetElapsedTime(row.SeenAt) <= maxAge)
                .Select(row => row.Silo)
                .OrderBy(silo => silo.Id, StringComparer.Ordinal)]);
        }
    }
}
