using System.Threading.Channels;

namespace ImagingIngestion.Manifest.Background;

/// <summary>Wakes the one who waits. Raised while nobody waits, it wakes the next wait at once; raised often, it wakes once.</summary>
public sealed class Signal(TimeProvider time)
{
    private readonly Channel<bool> _raised = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Raise() => _raised.Writer.TryWrite(true);

    /// <summary>Returns when it was raised, or after the time; whoever waits looks for itself what there is to do.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        await using ITimer timer = time.CreateTimer(static signal => ((Signal)signal!).Raise(), this, atMost, Timeout.InfiniteTimeSpan);
        await _raised.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
    }
}
