using System.Threading.Channels;

namespace ImagingIngestion.Manifest.Background;

/// <summary>Wakes a waiting loop.</summary>
/// <remarks>Raised while nobody waits, it wakes the next wait at once; raised several times, it wakes once.</remarks>
public sealed class Signal(TimeProvider time)
{
    private readonly Channel<bool> _raised = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Raise() => _raised.Writer.TryWrite(true);

    /// <summary>Returns when the signal is raised, or after the time; the caller then looks for work.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        await using ITimer timer = time.CreateTimer(static signal => ((Signal)signal!).Raise(), this, atMost, Timeout.InfiniteTimeSpan);
        await _raised.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
    }
}
