using System.Collections.Concurrent;

namespace ImagingIngestion.Storage.Sqlite.Deliveries;

/// <summary>
/// Bindings that are being removed: one process has the file, so that it need not be written that nothing is to be added to them any more.
/// </summary>
internal sealed class RemovedBindings
{
    private readonly ConcurrentDictionary<string, int> _names = new(StringComparer.Ordinal);

    public bool Contains(string binding) => _names.ContainsKey(binding);

    public void Begin(string binding) => _names[binding] = 0;

    public void End(string binding) => _names.TryRemove(binding, out _);
}
