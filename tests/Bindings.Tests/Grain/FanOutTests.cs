using ImagingIngestion.Bindings.Grain;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Bindings.Tests.Grain;

/// <summary>Turning events into deliveries when the log announces more events than it has, like a restored log.</summary>
public sealed class FanOutTests
{
    private const int Turns = 20;

    [Fact]
    public async Task A_hint_that_is_wrong_again_and_again_is_followed_at_a_pace()
    {
        await using BindingBench bench = new();
        await bench.RegisterAsync(BindingBench.Archive);
        using CancellationTokenSource stop = new();
        SkippedTime time = new(pause => pause == TimeSpan.FromMilliseconds(100));
        int turns = 0;
        FaultyQueue queue = new(bench.Store.Deliveries)
        {
            Turning = () =>
            {
                if (++turns == Turns)
                {
                    stop.Cancel();
                }
            },
        };

        FanOut fanOut = new(BindingDefinitions.Of(BindingBench.Archive), queue, new HastyLog(bench.Store.Events), Supervision.Of(time));
        await fanOut.RunAsync(stop.Token);

        Assert.True(time.Pauses.Count >= Turns - 3, $"{time.Pauses.Count} pauses between {turns} turns");
    }

    /// <summary>Announces more events at once.</summary>
    private sealed class HastyLog(IEventLog log) : IEventLog
    {
        public string LogId => log.LogId;

        public Task<EventLogBounds> GetBoundsAsync(CancellationToken cancellationToken) => log.GetBoundsAsync(cancellationToken);

        public Task<EventPage> ReadAsync(EventQuery query, CancellationToken cancellationToken) => log.ReadAsync(query, cancellationToken);

        public Task<LoggedEvent?> FindAsync(long sequence, CancellationToken cancellationToken)
            => log.FindAsync(sequence, cancellationToken);

        public Task<ReadOnlyMemory<byte>?> FindRevisionAsync(StudyKey study, int revision, CancellationToken cancellationToken)
            => log.FindRevisionAsync(study, revision, cancellationToken);

        public Task WaitAsync(long after, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<int> RemoveOlderAsync(DateTimeOffset olderThan, CancellationToken cancellationToken)
            => log.RemoveOlderAsync(olderThan, cancellationToken);
    }
}
