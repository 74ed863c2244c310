using System.Globalization;
using ImagingIngestion.Grains.Revisions;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Grains.Tests.Study;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Storage.Sqlite;
using ImagingIngestion.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Grains.Tests.Revisions;

/// <summary>A silo with its scheduler over a SQLite file, on a manual clock.</summary>
internal sealed class RevisionFixture : IAsyncDisposable
{
    // Besides the scheduler one loop waits: the eviction of idle studies.
    private const int LoopsOfASilo = 2;

    private readonly ServiceProvider _services;
    private readonly TimeProvider _time;

    private RevisionFixture(SqliteManifestStore store, ServiceProvider services, TimeProvider time)
    {
        _services = services;
        Store = store;
        _time = time;
    }

    public static GrainOptions Grains { get; } = new()
    {
        RevisioningDelay = TimeSpan.FromSeconds(30),
        MaxRevisioningDelay = TimeSpan.FromMinutes(2),
        CommitTimeout = TimeSpan.FromMinutes(10),
        IdleTime = TimeSpan.FromDays(7),
        MaxAttempts = 1000,
    };

    public SqliteManifestStore Store { get; }

    public FaultyStore Faults => _services.GetRequiredService<FaultyStore>();

    public static async Task<RevisionFixture> StartAsync(string file, TimeProvider time, GrainOptions? grains = null)
    {
        SqliteManifestStore store = SqliteManifestStore.Open(file, time);
        ServiceCollection services = new();
        services.AddLogging();
        services.AddSingleton(time);
        services.AddSingleton(new FaultyStore(store));
        services.AddSingleton<IManifestStore>(provider => provider.GetRequiredService<FaultyStore>());
        services.AddSingleton<IRevisionQueue>(provider => provider.GetRequiredService<FaultyStore>());
        services.AddSingleton(Options.Create(grains ?? Grains));
        services.AddGrains(DuplicatePolicy.Replace);
        services.AddRevisions();
        RevisionFixture fixture = new(store, services.BuildServiceProvider(), time);
        foreach (IHostedService service in fixture._services.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }

        return fixture;
    }

    public IStudyGrain Study(int number) => _services.GetRequiredService<IGrainFactory>().GetStudyGrain(Arrivals.Study(number));

    /// <summary>Stores an instance that is uploaded now.</summary>
    public Task<StoreAnswer> StoreAsync(int study, int instance, string content = "first")
        => Study(study).StoreInstanceAsync(
            Arrivals.Of(Arrivals.Study(study), instance, content) with { UploadBegan = _time.GetUtcNow() }, CancellationToken.None);

    /// <summary>Moves the clock, and waits until the scheduler has looked for due revisions.</summary>
    public Task StepAsync(double seconds) => ((SteppedTime)_time).AdvanceAsync(TimeSpan.FromSeconds(seconds), LoopsOfASilo);

    /// <summary>Moves the clock second by second until there is a revision.</summary>
    public async Task<IReadOnlyList<(int Study, StudyRevisionEvent Revision)>> StepUntilRevisedAsync()
    {
        const int Most = 600;
        for (int second = 0; second < Most && (await RevisionsAsync()).Count == 0; second++)
        {
            await StepAsync(1);
        }

        return await RevisionsAsync();
    }

    /// <summary>The closed revisions in the order of their events, as study, number, and what they list.</summary>
    public async Task<IReadOnlyList<(int Study, StudyRevisionEvent Revision)>> RevisionsAsync()
    {
        List<(int, StudyRevisionEvent)> revisions = [];
        EventPage page;
        long after = 0;
        do
        {
            page = await Store.Events.ReadAsync(new EventQuery(after, 1000, [EventType.StudyRevision]), CancellationToken.None);
            revisions.AddRange(page.Events.Select(Read));
            after = page.Next;
        }
        while (after < page.Bounds.Latest);

        return revisions;
    }

    /// <summary>Waits for the event of one more revision.</summary>
    public async Task<IReadOnlyList<(int Study, StudyRevisionEvent Revision)>> RevisionsAsync(int count)
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(30));
        while (true)
        {
            EventLogBounds bounds = await Store.Events.GetBoundsAsync(deadline.Token);
            IReadOnlyList<(int Study, StudyRevisionEvent Revision)> revisions = await RevisionsAsync();
            if (revisions.Count >= count)
            {
                return revisions;
            }

            await Store.Events.WaitAsync(bounds.Latest, deadline.Token);
        }
    }

    public async Task StopAsync()
    {
        foreach (IHostedService service in _services.GetServices<IHostedService>().Reverse())
        {
            await service.StopAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _services.DisposeAsync();
        await Store.DisposeAsync();
    }

    private static (int Study, StudyRevisionEvent Revision) Read(LoggedEvent logged) => (
        int.Parse(logged.Study.Study.Value.AsSpan(logged.Study.Study.Value.LastIndexOf('.') + 1), CultureInfo.InvariantCulture),
        EventData.UnpackRevision(logged.Content.Data, new StorageSpace("b", "http://in", "http://out")));
}
