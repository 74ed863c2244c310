using ImagingIngestion.Bindings.Grain;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Stow;
using ImagingIngestion.Bindings.Webhook;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sqlite;
using ImagingIngestion.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Bindings.Tests.Grain;

/// <summary>A separate SQLite store with events, and grains that run on it.</summary>
internal sealed class BindingBench : IAsyncDisposable
{
    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(10);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("binding-test-");
    private readonly List<(CancellationTokenSource Stop, Task Running)> _grains = [];
    private readonly Dictionary<StudyKey, long> _versions = [];
    private int _uids;

    public BindingBench(int speed = 20)
    {
        Time = new FastTime(speed);
        Store = SqliteManifestStore.Open(Path.Combine(_folder.FullName, "manifest.db"), Time);
    }

    public FastTime Time { get; }

    public SqliteManifestStore Store { get; }

    /// <summary>Delivers the newest state of instances, one in each call.</summary>
    public static BindingOptions Archive { get; } = new()
    {
        Name = "archive",
        Stow = new StowBindingOptions { Target = Nowhere },
        Concurrency = 2,
        Retry = new RetryOptions { FirstDelay = TimeSpan.FromMilliseconds(200), BreakAfter = 1000 },
    };

    /// <summary>Delivers every event.</summary>
    public static BindingOptions Hook { get; } = Archive with
    {
        Name = "hook",
        Stow = null,
        Webhook = new WebhookBindingOptions { Target = Nowhere }
    };

    private static HttpTargetOptions Nowhere => new() { Endpoint = new Uri("http://localhost:9/") };

    public StudyKey NewStudy() => new(new ProviderName("bench"), new StudyInstanceUid(NewUid()));

    public InstanceId NewInstance() => new(new SeriesInstanceUid(NewUid()), new SopInstanceUid(NewUid()));

    public static EventDraft Available(InstanceId instance, ChangeKind change = ChangeKind.Addition)
        => new()
        {
            Type = EventType.DicomAvailable,
            Instance = instance,
            Change = change,
            Modalities = ["CT"],
            Object = new ObjectKey("bench/object.dcm")
        };

    /// <summary>Commits events of a study.</summary>
    public async Task EmitAsync(StudyKey study, params EventDraft[] events)
    {
        long version = _versions.GetValueOrDefault(study);
        StudyState after = new()
        {
            Key = study,
            Version = version,
            Attributes = new DicomDataset(),
            Series = [],
            CreatedAt = Time.GetUtcNow(),
            UpdatedAt = Time.GetUtcNow()
        };
        StudyCommitResult result = Assert.Single(
            await Store.CommitAsync([new StudyChange { After = after, Events = events }], CancellationToken.None));
        Assert.Equal(StudyCommitResult.Committed, result);
        _versions[study] = version + 1;
    }

    /// <summary>Commits additions of new instances of a new study.</summary>
    public async Task<InstanceId[]> EmitNewAsync(int count)
    {
        InstanceId[] instances = [.. Enumerable.Range(0, count).Select(_ => NewInstance())];
        await EmitAsync(NewStudy(), [.. instances.Select(instance => Available(instance))]);
        return instances;
    }

    /// <summary>Registers the binding, so that it gets all later events.</summary>
    public Task RegisterAsync(BindingOptions options)
        => Store.Deliveries.RegisterAsync(BindingDefinitions.Of(options), CancellationToken.None);

    /// <summary>Runs a grain until the result is disposed.</summary>
    public Func<Task> Run(BindingOptions options, IDeliveryTarget target, IDeliveryQueue? queue = null, TimeSpan? grace = null)
    {
        BindingGrain grain = new(
            options,
            queue ?? Store.Deliveries,
            Store.Events,
            target,
            new Supervision(Time, NullLoggerFactory.Instance)) { StopGrace = grace ?? TimeSpan.FromMilliseconds(50) };
        CancellationTokenSource stop = new();
        Task running = Task.Run(() => grain.RunAsync(stop.Token));
        _grains.Add((stop, running));
        return async () =>
        {
            await stop.CancelAsync();
            await running.WaitAsync(TestTimeout);
        };
    }

    public async Task<BindingStatus> StatusAsync(BindingOptions options)
        => Assert.Single(await Store.Bindings.ListAsync(CancellationToken.None), status => status.Name == options.Name);

    /// <summary>Waits until the status of a binding fulfils a condition.</summary>
    public async Task<BindingStatus> UntilAsync(BindingOptions options, Predicate<BindingStatus> isRight)
    {
        using CancellationTokenSource deadline = new(TestTimeout);
        using PeriodicTimer look = new(TimeSpan.FromMilliseconds(10));
        BindingStatus status = await StatusAsync(options);
        while (!isRight(status))
        {
            await look.WaitForNextTickAsync(deadline.Token);
            status = await StatusAsync(options);
        }

        return status;
    }

    public Task UntilDeliveredAsync(BindingOptions options) => UntilAsync(options, status => status is { Waiting: 0, Cursor: > 0 });

    public async ValueTask DisposeAsync()
    {
        foreach ((CancellationTokenSource stop, Task running) in _grains)
        {
            await stop.CancelAsync();
            await running.WaitAsync(TestTimeout);
            stop.Dispose();
        }

        await Store.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private string NewUid() => $"1.2.826.0.1.77.{++_uids}";
}
