using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Silo.Cluster;

/// <summary>This silo among the others.</summary>
/// <param name="time">Its clock.</param>
internal sealed class SiloSelf(TimeProvider time)
{
    private SiloEntry? _entry;

    /// <summary>Names this run of this process.</summary>
    public string Id { get; } = "silo-" + Guid.NewGuid().ToString("N");

    /// <summary>How the others find it; null before it listens.</summary>
    public SiloEntry? Entry => Volatile.Read(ref _entry);

    /// <summary>Its clock in milliseconds: it only goes on, also while the process is frozen.</summary>
    public long Clock => (long)time.GetElapsedTime(0).TotalMilliseconds;

    public void ListensAt(string address) => Volatile.Write(ref _entry, new SiloEntry(Id, address));
}
