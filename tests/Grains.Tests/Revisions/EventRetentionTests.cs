using ImagingIngestion.Grains.Events;
using ImagingIngestion.Grains.Tests.Study;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Grains.Tests.Revisions;

public sealed class EventRetentionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("retention-tests-").FullName;
    private readonly SteppedTime _time = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Events_go_when_they_are_older_than_they_are_kept_and_the_last_revision_stays()
    {
        await using RevisionFixture silo = await RevisionFixture.StartAsync(Path.Combine(_folder, "manifest.db"), _time);
        await silo.StoreAsync(1, 1);
        await silo.StepAsync(30);
        await silo.RevisionsAsync(1);
        await silo.StepAsync(1800);
        await silo.StoreAsync(2, 1);
        EventRetention retention = new(
            silo.Store.Events, TimeSpan.FromHours(1), Supervision.Of(_time), NullLogger<EventRetention>.Instance);

        await retention.StartAsync(CancellationToken.None);
        await _time.LoopsWaitAsync(3);
        Assert.Equal(1, (await silo.Store.Events.GetBoundsAsync(CancellationToken.None)).Oldest);
        await _time.AdvanceAsync(TimeSpan.FromMinutes(40), loops: 3);
        await retention.StopAsync(CancellationToken.None);

        EventLogBounds bounds = await silo.Store.Events.GetBoundsAsync(CancellationToken.None);
        Assert.Equal((4, 6), (bounds.Oldest, bounds.Latest));
        Assert.NotNull(await silo.Store.Events.FindRevisionAsync(Arrivals.Study(1), 0, CancellationToken.None));
    }
}
