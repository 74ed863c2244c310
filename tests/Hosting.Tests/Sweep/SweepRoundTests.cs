using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.TestKit;

namespace ImagingIngestion.Hosting.Tests.Sweep;

public sealed class SweepRoundTests : IAsyncLifetime
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    private readonly SweepSite _site = new();

    public Task InitializeAsync() => _site.NewArming().AdvanceAsync(CancellationToken.None);

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task An_object_of_a_deleted_instance_goes_a_day_later_and_the_others_stay()
    {
        (SampleStudy study, InstanceChange gone) = await _site.StoreAsync();
        (SampleStudy _, InstanceChange kept) = await _site.StoreAsync();
        _site.Time.Advance(Day);
        await _site.RemoveAsync(study, gone);
        _site.Time.Advance(Day - TimeSpan.FromSeconds(1));
        Assert.Equal(0, (await _site.SweepAsync()).Counts.Dropped);
        Assert.True(_site.Has(gone));

        _site.Time.Advance(TimeSpan.FromSeconds(1));
        SweepCounts counts = (await _site.SweepAsync()).Counts;

        Assert.Equal((1L, 0L, true), (counts.Dropped, counts.Unnamed, counts.IsComplete));
        Assert.False(_site.Has(gone));
        Assert.True(_site.Has(kept));
        Assert.Equal(0, (await _site.SweepAsync()).Counts.Dropped);
    }

    [Fact]
    public async Task Of_an_instance_that_is_replaced_again_and_again_a_hundred_objects_are_kept_after_an_hour()
    {
        (SampleStudy study, InstanceChange instance) = await _site.StoreAsync();
        (SampleStudy calm, InstanceChange once) = await _site.StoreAsync();
        List<InstanceChange> looped = [instance];
        for (int count = 0; count < 604; count++)
        {
            looped.Add(await _site.RepairAsync(study, looped[^1]));
        }

        await _site.RepairAsync(calm, once);
        _site.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(0, await _site.DeleteCrowdsAsync());

        _site.Time.Advance(TimeSpan.FromMinutes(1));
        InstanceChange last = await _site.RepairAsync(study, looped[^1]);
        long gone = await _site.DeleteCrowdsAsync();

        Assert.Equal(504, gone);
        Assert.Equal(100, looped[..^1].Count(_site.Has));
        Assert.True(_site.Has(last));
        Assert.True(_site.Has(looped[^1]), "It was dropped just now.");
        Assert.True(_site.Has(once));
        Assert.Equal(0, await _site.DeleteCrowdsAsync());
    }

    [Fact]
    public async Task Unnamed_objects_that_many_instances_dropped_are_no_crowd()
    {
        SampleStudy study = new();
        InstanceChange instance = await _site.AddAsync(study, study.Series());
        for (int count = 0; count < 102; count++)
        {
            ObjectKey key = ObjectPath.NewUnnamedKey(_site.Ledger.InstallationId, SweepSite.Space);
            await _site.CommitAsync(study, study.Store(instance) with { DroppedObjects = [key] });
        }

        _site.Time.Advance(TimeSpan.FromHours(2));

        Assert.Equal(0, await _site.DeleteCrowdsAsync());
    }

    [Fact]
    public async Task An_object_that_a_crashed_gateway_left_goes_a_day_after_it_was_written()
    {
        (SampleStudy study, InstanceChange instance) = await _site.StoreAsync();
        ObjectKey duplicate = ObjectPath.NewKey(_site.Ledger.InstallationId, study.Key, instance.State.Id);
        ObjectKey unnamed = ObjectPath.NewUnnamedKey(_site.Ledger.InstallationId, SweepSite.Space);
        await _site.WriteAsync(duplicate);
        await _site.WriteAsync(unnamed);
        _site.Time.Advance(Day - TimeSpan.FromSeconds(1));
        Assert.Equal(0, (await _site.SweepAsync()).Counts.Unnamed);

        _site.Time.Advance(TimeSpan.FromSeconds(1));
        SweepCounts counts = (await _site.SweepAsync()).Counts;

        Assert.Equal((3L, 2L), (counts.Listed, counts.Unnamed));
        Assert.False(_site.Has(duplicate));
        Assert.False(_site.Has(unnamed));
        Assert.True(_site.Has(instance));
    }

    [Fact]
    public async Task An_unnamed_object_that_a_row_names_stays()
    {
        (SampleStudy study, InstanceChange first) = await _site.StoreAsync();
        ObjectKey key = ObjectPath.NewUnnamedKey(_site.Ledger.InstallationId, SweepSite.Space);
        InstanceChange instance = SampleStudy.Instance(first.State.Id.Series);
        await _site.WriteAsync(key);
        await _site.CommitAsync(study, study.Store(instance with { State = instance.State with { Object = key } }));
        _site.Time.Advance(30 * Day);

        await _site.SweepAsync();

        Assert.True(_site.Has(key));
    }

    [Fact]
    public async Task Foreign_objects_are_never_touched()
    {
        string id = _site.Ledger.InstallationId;
        string upload = Guid.NewGuid().ToString("N") + ".dcm";
        ObjectKey[] foreign =
        [
            new("holiday.jpg"), new($"{SweepSite.Space}/1.2/1.3/1.4/{upload}"), new($"{SweepSite.Space}/_unnamed/{upload}"),
            new($"{id}/{SweepSite.Space}/notes.txt"),
            new($"{id}/{SweepSite.Space}/1.2/1.3/1.4/image.dcm"), new($"{id}/{SweepSite.Space}/1.2/1.3/1.4/more/{upload}"),
            new($"{id}/other/1.2/1.3/1.4/{upload}"),
            new($"{Guid.NewGuid():N}/{SweepSite.Space}/1.2/1.3/1.4/{upload}"), new($"{id}x/{SweepSite.Space}/1.2/1.3/1.4/{upload}"),
        ];
        foreach (ObjectKey key in foreign)
        {
            await _site.WriteAsync(key);
        }

        _site.Time.Advance(30 * Day);
        SweepCounts counts = (await _site.SweepAsync()).Counts;

        Assert.Equal((0L, 0L, 0L), (counts.Listed, counts.Unnamed, counts.Dropped));
        Assert.All(foreign, key => Assert.True(_site.Has(key)));
    }

    [Fact]
    public async Task Two_installations_in_one_folder_leave_each_other_alone()
    {
        await using SweepSite other = new(_site.ObjectsFolder);
        (SampleStudy _, InstanceChange ours) = await _site.StoreAsync();
        (SampleStudy _, InstanceChange theirs) = await other.StoreAsync();
        ObjectKey leftByThem = ObjectPath.NewUnnamedKey(other.Ledger.InstallationId, SweepSite.Space);
        await other.WriteAsync(leftByThem);
        _site.Time.Advance(2 * Day);
        other.Time.Advance(2 * Day);

        await _site.SweepAsync();
        Assert.True(_site.Has(leftByThem));
        await other.SweepAsync();

        Assert.False(_site.Has(leftByThem));
        Assert.True(_site.Has(ours));
        Assert.True(_site.Has(theirs));
    }

    [Fact]
    public async Task Objects_without_prefix_go_when_their_rows_drop_them()
    {
        (SampleStudy study, InstanceChange first) = await _site.StoreAsync();
        InstanceChange old = await _site.AddAsync(study, first.State.Id.Series, prefix: "");
        InstanceChange kept = await _site.AddAsync(study, first.State.Id.Series, prefix: "");
        await _site.RemoveAsync(study, old);
        _site.Time.Advance(Day);

        SweepCounts counts = (await _site.SweepAsync()).Counts;

        Assert.Equal(1, counts.Dropped);
        Assert.False(_site.Has(old));
        Assert.True(_site.Has(kept));
    }

    [Fact]
    public async Task A_repaired_instance_loses_its_damaged_object_a_day_later_and_keeps_the_new_one()
    {
        (SampleStudy study, InstanceChange damaged) = await _site.StoreAsync();
        InstanceChange repaired = await _site.RepairAsync(study, damaged);
        await _site.SweepAsync();
        Assert.True(_site.Has(damaged));
        _site.Time.Advance(Day);

        SweepCounts counts = (await _site.SweepAsync()).Counts;

        Assert.Equal((1L, 0L), (counts.Dropped, counts.Unnamed));
        Assert.False(_site.Has(damaged));
        Assert.True(_site.Has(repaired));
    }

    [Fact]
    public async Task An_object_that_is_named_between_listing_and_deleting_stays()
    {
        SampleStudy study = new();
        InstanceChange instance = SampleStudy.Instance(study.Series());
        ObjectKey key = ObjectPath.NewKey(_site.Ledger.InstallationId, study.Key, instance.State.Id);
        await _site.WriteAsync(key);
        _site.Time.Advance(Day);
        InterruptedLedger ledger = new(_site.Ledger)
        {
            AfterFind = () => _site.CommitAsync(study, study.Store(instance with { State = instance.State with { Object = key } })),
        };

        SweepCounts counts = (await _site.SweepAsync(ledger)).Counts;

        Assert.Equal((1L, 0L), (counts.Listed, counts.Unnamed));
        Assert.True(_site.Has(key));
    }

    [Fact]
    public async Task An_end_between_deleting_and_forgetting_does_no_harm()
    {
        (SampleStudy study, InstanceChange gone) = await _site.StoreAsync();
        await _site.RemoveAsync(study, gone);
        _site.Time.Advance(Day);
        InterruptedLedger ledger = new(_site.Ledger) { FailsToForget = true };
        await Assert.ThrowsAsync<ManifestUnavailableException>(() => _site.SweepAsync(ledger));
        Assert.False(_site.Has(gone));

        SweepCounts counts = (await _site.SweepAsync()).Counts;

        Assert.Equal((1L, true), (counts.Dropped, counts.IsComplete));
        Assert.Equal(0, (await _site.SweepAsync()).Counts.Dropped);
    }

    [Fact]
    public async Task A_manifest_that_is_exchanged_within_a_round_ends_it()
    {
        ObjectKey nobodys = ObjectPath.NewUnnamedKey(_site.Ledger.InstallationId, SweepSite.Space);
        await _site.WriteAsync(nobodys);
        _site.Time.Advance(Day);
        InterruptedLedger ledger = new(_site.Ledger) { EpochsBack = 1 };

        SweepCounts counts = (await _site.SweepAsync(ledger)).Counts;

        Assert.False(counts.IsComplete);
        Assert.True(_site.Has(nobodys));
    }
}

/// <summary>A real ledger with scripted events.</summary>
internal sealed class InterruptedLedger(ISweepLedger inner) : ISweepLedger
{
    /// <summary>Runs once, after the first lookup of names.</summary>
    public Func<Task>? AfterFind { get; set; }

    public bool FailsToForget { get; init; }

    /// <summary>How much older the manifest is that answers lookups of names.</summary>
    public long EpochsBack { get; init; }

    public string InstallationId => inner.InstallationId;

    public Task<bool> TryLeaseAsync(ProviderName space, string owner, TimeSpan lease, CancellationToken cancellationToken)
        => inner.TryLeaseAsync(space, owner, lease, cancellationToken);

    public Task ReleaseAsync(ProviderName space, string owner, CancellationToken cancellationToken)
        => inner.ReleaseAsync(space, owner, cancellationToken);

    public Task<SweepState> ReadStateAsync(ProviderName space, CancellationToken cancellationToken)
        => inner.ReadStateAsync(space, cancellationToken);

    public Task<bool> TryRaiseAsync(ProviderName space, SweepState from, long epoch, string nonce, CancellationToken cancellationToken)
        => inner.TryRaiseAsync(space, from, epoch, nonce, cancellationToken);

    public Task<string?> ReadStoreMarkAsync(ProviderName space, CancellationToken cancellationToken)
        => inner.ReadStoreMarkAsync(space, cancellationToken);

    public Task<string> RegisterStoreMarkAsync(ProviderName space, string mark, CancellationToken cancellationToken)
        => inner.RegisterStoreMarkAsync(space, mark, cancellationToken);

    public Task SetSweptAsync(ProviderName space, CancellationToken cancellationToken) => inner.SetSweptAsync(space, cancellationToken);

    public async Task<ObjectNames> FindNamesAsync(
        ProviderName space, IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
    {
        ObjectNames names = await inner.FindNamesAsync(space, keys, cancellationToken);
        if (AfterFind is { } interruption)
        {
            AfterFind = null;
            await interruption();
        }

        return names with { Epoch = names.Epoch - EpochsBack };
    }

    public Task<IReadOnlyList<ObjectKey>> ListDroppedAsync(
        string prefix, ObjectKey after, TimeSpan age, int max, CancellationToken cancellationToken)
        => inner.ListDroppedAsync(prefix, after, age, max, cancellationToken);

    public Task ForgetDroppedAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
        => FailsToForget
            ? throw new ManifestUnavailableException("The connection is lost.")
            : inner.ForgetDroppedAsync(keys, cancellationToken);

    public Task<IReadOnlyList<NamedObject>> ListNamedAsync(
        ProviderName space, NamedObject after, int max, CancellationToken cancellationToken)
        => inner.ListNamedAsync(space, after, max, cancellationToken);
}
