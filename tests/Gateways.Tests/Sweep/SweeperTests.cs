using ImagingIngestion.Grains;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Gateways.Tests;

public sealed class SweeperTests : IAsyncLifetime
{
    private readonly SweepSite _site = new();

    public Task InitializeAsync() => _site.NewArming().BeatAsync(CancellationToken.None);

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

        Assert.Equal(nobodys, await objects.Deleted);
        await second.StopAsync(CancellationToken.None);
        await first.StopAsync(CancellationToken.None);
        Assert.Equal(1, objects.Listings);
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
        await _site.NewArming().BeatAsync(CancellationToken.None);
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

        Assert.Equal(instance.State.Object, await damaged.Found);
        await sweeper.StopAsync(CancellationToken.None);
        Assert.True((await _site.FindAsync(instance)).IsDamaged);
    }

    private WatchedObjects Watch() => new(_site.Objects, ObjectPath.FolderOf(_site.Ledger.InstallationId, SweepSite.Space));

    private Sweeper Create(IObjectStore objects, SweeperStatus status, IDamagedObjects? damaged = null)
        => new(_site.Ledger, objects, SweepSite.Space, _site.Options, status, Supervision.Of(_site.Time), NullLogger<Sweeper>.Instance) { Shares = _site.NewShares(damaged) };
}
