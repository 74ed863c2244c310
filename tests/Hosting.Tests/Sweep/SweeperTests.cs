using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Hosting.Tests.Sweep;

public sealed class SweeperTests : IAsyncLifetime
{
    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(20);

    private readonly SweepSite _site = new();

    public Task InitializeAsync() => _site.NewArming().AdvanceAsync(CancellationToken.None);

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task Of_several_gateways_one_sweeps_when_the_interval_is_over()
    {
        ObjectKey nobodys = ObjectPath.NewUnnamedKey(_site.Ledger.InstallationId, SweepSite.Space);
        await _site.WriteAsync(nobodys);
        _site.Time.Advance(TimeSpan.FromHours(24));
        WatchedObjects objects = Watch();
        using Sweeper first = Create(objects, new SweeperStatus());
        using Sweeper second = Create(objects, new SweeperStatus());

        await first.StartAsync(CancellationToken.None);
        await second.StartAsync(CancellationToken.None);

        Assert.Equal(nobodys, await objects.Deleted.WaitAsync(TestTimeout));
        await second.StopAsync(CancellationToken.None);
        await first.StopAsync(CancellationToken.None);
        Assert.Equal(1, objects.Listings);
    }

    [Fact]
    public async Task An_hour_after_the_last_round_a_crowd_of_dropped_objects_is_thinned_without_a_round()
    {
        _site.Options = _site.Options with { CrowdKept = 1 };
        (SampleStudy study, InstanceChange first) = await _site.StoreAsync();
        InstanceChange second = await _site.RepairAsync(study, first);
        InstanceChange third = await _site.RepairAsync(study, second);
        await _site.Ledger.SetSweptAsync(SweepSite.Space, CancellationToken.None);
        WatchedObjects objects = Watch();
        using Sweeper sweeper = Create(objects, new SweeperStatus());
        _site.Time.Advance(TimeSpan.FromHours(1));

        await sweeper.StartAsync(CancellationToken.None);

        Assert.Contains(await objects.Deleted.WaitAsync(TestTimeout), (ObjectKey[])[first.State.Object, second.State.Object]);
        await sweeper.StopAsync(CancellationToken.None);
        Assert.True(_site.Has(third));
        Assert.Equal(0, objects.Listings);
    }

    [Fact]
    public async Task A_round_that_a_clock_ahead_has_noted_does_not_hold_up_the_next()
    {
        ObjectKey nobodys = ObjectPath.NewUnnamedKey(_site.Ledger.InstallationId, SweepSite.Space);
        await _site.WriteAsync(nobodys);
        _site.Time.Advance(TimeSpan.FromDays(400));
        await _site.Ledger.SetSweptAsync(SweepSite.Space, CancellationToken.None);
        _site.Time.AdjustTime(_site.Time.GetUtcNow().AddDays(-390));
        WatchedObjects objects = Watch();
        using Sweeper sweeper = Create(objects, new SweeperStatus());

        await sweeper.StartAsync(CancellationToken.None);

        Assert.Equal(nobodys, await objects.Deleted.WaitAsync(TestTimeout));
        await sweeper.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task What_was_stored_until_the_stop_is_covered_by_an_epoch()
    {
        using Sweeper sweeper = Create(Watch(), new SweeperStatus());
        await sweeper.StartAsync(CancellationToken.None);
        await _site.StoreAsync();

        await sweeper.StopAsync(CancellationToken.None);

        SweepState state = await _site.Ledger.ReadStateAsync(SweepSite.Space, CancellationToken.None);
        Assert.Equal(state.LastChange, state.CoveredChange);
    }

    [Fact]
    public async Task A_gateway_that_starts_on_a_restored_manifest_tells_it()
    {
        string copy = await _site.CopyManifestAsync();
        await _site.StoreAsync();
        await _site.NewArming().AdvanceAsync(CancellationToken.None);
        await _site.RestoreManifestAsync(copy);
        SweeperStatus status = new();
        using Sweeper sweeper = Create(Watch(), status);

        await sweeper.StartAsync(CancellationToken.None);

        Assert.NotNull(status.Fault);
        await sweeper.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Behind_each_round_a_share_of_the_objects_is_verified()
    {
        _site.Options = _site.Options with { VerifyRate = 0 };
        (_, InstanceChange instance) = await _site.StoreAsync();
        await _site.FlipAsync(instance, 999);
        _site.Time.Advance(TimeSpan.FromHours(24));
        WatchedDamage damaged = new(_site.Damaged);
        using Sweeper sweeper = Create(Watch(), new SweeperStatus(), damaged);

        await sweeper.StartAsync(CancellationToken.None);

        Assert.Equal(instance.State.Object, await damaged.Found.WaitAsync(TestTimeout));
        await sweeper.StopAsync(CancellationToken.None);
        Assert.True((await _site.FindAsync(instance)).IsDamaged);
    }

    private WatchedObjects Watch() => new(_site.Objects, ObjectPath.FolderOf(_site.Ledger.InstallationId, SweepSite.Space));

    private Sweeper Create(IObjectStore objects, SweeperStatus status, IDamagedObjects? damaged = null)
        => new(_site.Ledger, objects, SweepSite.Space, _site.Options, status, Supervision.Of(_site.Time), NullLogger<Sweeper>.Instance)
        {
            Shares = _site.NewShares(damaged)
        };
}

/// <summary>The real list of damaged objects; signals the first one.</summary>
internal sealed class WatchedDamage(IDamagedObjects inner) : IDamagedObjects
{
    private readonly TaskCompletionSource<ObjectKey> _found = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<ObjectKey> Found => _found.Task;

    public async Task AddAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
    {
        await inner.AddAsync(keys, cancellationToken);
        _found.TrySetResult(keys.First());
    }

    public Task RemoveAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
        => inner.RemoveAsync(keys, cancellationToken);
}

/// <summary>A real object store that counts its listings and signals deletions.</summary>
internal sealed class WatchedObjects(IObjectStore inner, string folder) : IObjectStore
{
    private readonly TaskCompletionSource<ObjectKey> _deleted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _listings;

    /// <summary>The first object of the folder that was deleted.</summary>
    public Task<ObjectKey> Deleted => _deleted.Task;

    /// <summary>Listings of the whole folder.</summary>
    public int Listings => Volatile.Read(ref _listings);

    public Task<IObjectUpload> BeginInstanceAsync(CancellationToken cancellationToken) => inner.BeginInstanceAsync(cancellationToken);

    public Task<Stream> OpenReadAsync(ObjectKey key, long offset, long length, CancellationToken cancellationToken)
        => inner.OpenReadAsync(key, offset, length, cancellationToken);

    public Task<StoredObject?> FindAsync(ObjectKey key, CancellationToken cancellationToken) => inner.FindAsync(key, cancellationToken);

    public async Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        await inner.DeleteAsync(key, cancellationToken);
        if (ObjectPath.Parse(key) is not null)
        {
            _deleted.TrySetResult(key);
        }
    }

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        if (prefix == folder)
        {
            Interlocked.Increment(ref _listings);
        }

        return inner.ListAsync(prefix, cancellationToken);
    }
}
