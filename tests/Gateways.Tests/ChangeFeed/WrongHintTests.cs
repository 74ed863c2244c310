using ImagingIngestion.Gateways.ChangeFeed;
using ImagingIngestion.Gateways.Tests.Stow;
using ImagingIngestion.Grains.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Tests.ChangeFeed;

/// <summary>
/// A log that wakes readers for nothing: it was restored to an earlier state, or has many events that a reader did not ask for.
/// </summary>
public sealed class WrongHintTests
{
    private const int EmptyReads = 20;

    [Fact]
    public async Task A_reader_that_finds_nothing_pauses_before_it_looks_again()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        SkippedTime time = new(pause => pause >= TimeSpan.FromMilliseconds(50) && pause <= TimeSpan.FromSeconds(1));
        HastyLog log = new(latest: 5);
        using ChangeFeedWait wait = new(
            log, Options.Create(new EventOptions()), time, server.Services.GetRequiredService<IHostApplicationLifetime>());

        EventPage? page = await wait.ReadAsync(new EventQuery(5, 10, []), log.Empty, TimeSpan.FromSeconds(60), CancellationToken.None);

        Assert.True(page!.IsExpired);
        Assert.Equal(EmptyReads, log.Reads);
        Assert.True(time.Pauses.Count >= EmptyReads - 1, $"{time.Pauses.Count} pauses between {log.Reads} reads");
    }

    [Fact]
    public async Task A_reader_whose_cursor_is_ahead_of_the_log_does_not_wait()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        HastyLog log = new(latest: 3);
        using ChangeFeedWait wait = new(
            log, Options.Create(new EventOptions()), TimeProvider.System, server.Services.GetRequiredService<IHostApplicationLifetime>());

        EventPage? page =
            await wait.ReadAsync(new EventQuery(5, 10, []), log.Empty with { Next = 5 }, TimeSpan.FromSeconds(60), CancellationToken.None);

        Assert.Equal((5, 3, 0), (page!.Next, page.Bounds.Latest, log.Reads));
    }

    /// <summary>Signals at once that there is more, has nothing, and ends after some reads.</summary>
    private sealed class HastyLog(long latest) : IEventLog
    {
        public int Reads { get; private set; }

        public EventPage Empty { get; } = new([], latest, new EventLogBounds(1, latest), IsExpired: false);

        public string LogId => "hasty";

        public Task<EventLogBounds> GetBoundsAsync(CancellationToken cancellationToken) => Task.FromResult(Empty.Bounds);

        public Task<EventPage> ReadAsync(EventQuery query, CancellationToken cancellationToken)
            => Task.FromResult(Empty with { IsExpired = ++Reads == EmptyReads });

        public Task<LoggedEvent?> FindAsync(long sequence, CancellationToken cancellationToken) => Task.FromResult<LoggedEvent?>(null);

        public Task<ReadOnlyMemory<byte>?> FindRevisionAsync(StudyKey study, int revision, CancellationToken cancellationToken)
            => Task.FromResult<ReadOnlyMemory<byte>?>(null);

        public Task WaitAsync(long after, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<int> RemoveOlderAsync(DateTimeOffset olderThan, CancellationToken cancellationToken) => Task.FromResult(0);
    }
}
