using System.Collections.Concurrent;
using ImagingIngestion.EndToEnd.Tests.Durability;
using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.Cluster.Tests.Chaos;

/// <summary>The instances that senders have sent, and the answers that they got.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<StoredPath, LoadInstance> _sent = [];
    private readonly ConcurrentDictionary<StoredPath, LoadInstance> _acknowledged = [];
    private readonly ConcurrentDictionary<string, int> _refusals = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> _faults = [];

    public IReadOnlyDictionary<StoredPath, LoadInstance> Sent => _sent;

    public IReadOnlyDictionary<StoredPath, LoadInstance> Acknowledged => _acknowledged;

    /// <summary>Answers that ask to try later, and connections that broke, by kind.</summary>
    public IReadOnlyDictionary<string, int> Refusals => _refusals;

    /// <summary>Answers that no sender should get.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    public void Send(LoadInstance instance) => _sent[instance.Path] = instance;

    public void Acknowledge(LoadInstance instance) => _acknowledged[instance.Path] = instance;

    public void Refuse(string kind) => _refusals.AddOrUpdate(kind, 1, (_, count) => count + 1);

    public void Fault(string fault) => _faults.Add(fault);
}
