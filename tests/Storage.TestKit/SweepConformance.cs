using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>What every store guarantees to the sweeper.</summary>
public abstract class SweepConformance : ManifestConformance
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);
    private static readonly ProviderName Other = new("other");

    private string Folder => ObjectPath.FolderOf(Sweep.InstallationId, SampleStudy.Provider);

    [Fact]
    public async Task The_installation_has_one_id_for_good()
    {
        string id = Sweep.InstallationId;

        await ReopenAsync();

        Assert.Equal(id, Sweep.InstallationId);
        Assert.True(ObjectKey.IsValid(id));
    }

    [Fact]
    public async Task A_storage_space_has_one_mark_for_good()
    {
        Assert.Null(await Sweep.ReadStoreMarkAsync(Other, CancellationToken.None));

        Assert.Equal("first", await Sweep.RegisterStoreMarkAsync(Other, "first", CancellationToken.None));
        Assert.Equal("first", await Sweep.RegisterStoreMarkAsync(Other, "second", CancellationToken.None));

        await ReopenAsync();
        Assert.Equal("first", await Sweep.ReadStoreMarkAsync(Other, CancellationToken.None));
        Assert.Null(await Sweep.ReadStoreMarkAsync(SampleStudy.Provider, CancellationToken.None));
    }

    [Fact]
    public async Task Rows_name_their_objects_and_no_others()
    {
        (SampleStudy study, InstanceChange instance) = await StoreAsync();
        InstanceChange unnamed =
            await AddAsync(study, instance.State.Id.Series, ObjectPath.NewUnnamedKey(Sweep.InstallationId, SampleStudy.Provider));
        InstanceChange legacy = await AddAsync(study, instance.State.Id.Series, key: null, prefix: "");
        ObjectKey duplicate = ObjectPath.NewKey(Sweep.InstallationId, study.Key, instance.State.Id);
        ObjectKey nobody = ObjectPath.NewUnnamedKey(Sweep.InstallationId, SampleStudy.Provider);

        ObjectNames names = await FindAsync(instance.State.Object, unnamed.State.Object, legacy.State.Object, duplicate, nobody);

        Assert.Equal(
            [instance.State.Object, legacy.State.Object, unnamed.State.Object],
            names.Named.OrderBy(key => key == unnamed.State.Object).ThenBy(key => key == legacy.State.Object));
        Assert.Empty(names.Dropped);
        Assert.Empty((await FindAsync()).Named);
    }

    [Fact]
    public async Task A_key_of_another_making_or_another_space_counts_as_named()
    {
        ObjectKey foreign = new(Folder + "readme.txt");
        ObjectKey elsewhere = ObjectPath.NewUnnamedKey(Sweep.InstallationId, Other);

        Assert.Equal(2, (await FindAsync(foreign, elsewhere)).Named.Count);
    }

    [Fact]
    public async Task A_dropped_object_is_listed_when_it_is_old_enough_until_it_is_forgotten()
    {
        (SampleStudy study, InstanceChange instance) = await StoreAsync();
        await SaveAsync(study, study.Remove(instance.State));
        ObjectNames names = await FindAsync(instance.State.Object);
        Assert.Empty(names.Named);
        Assert.Equal([instance.State.Object], names.Dropped);

        Time.Advance(Day - TimeSpan.FromSeconds(1));
        Assert.Empty(await ListDroppedAsync(Folder));
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([instance.State.Object], await ListDroppedAsync(Folder));
        Assert.Empty(await ListDroppedAsync(ObjectPath.FolderOf("", SampleStudy.Provider)));
        Assert.Empty(await ListDroppedAsync(ObjectPath.FolderOf(Sweep.InstallationId, Other)));
        await Sweep.ForgetDroppedAsync([instance.State.Object], CancellationToken.None);
        Assert.Empty(await ListDroppedAsync(Folder));
        Assert.Empty((await FindAsync(instance.State.Object)).Dropped);
    }

    [Fact]
    public async Task Dropped_objects_are_listed_page_by_page_in_the_order_of_their_keys()
    {
        SampleStudy study = new();
        SeriesInstanceUid series = study.Series();
        InstanceChange[] instances = [.. Enumerable.Range(0, 7).Select(_ => Named(study, series))];
        await SaveAsync(study, study.Store(instances));
        await SaveAsync(study, study.Remove([.. instances.Select(instance => instance.State)]));
        Time.Advance(Day);

        List<ObjectKey> listed = [];
        while (await Sweep.ListDroppedAsync(
            Folder, listed.Count == 0 ? default : listed[^1], Day, 3, CancellationToken.None) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= 3);
            listed.AddRange(page);
        }

        Assert.Equal(
            instances.Select(instance => instance.State.Object.Value).Order(StringComparer.Ordinal), listed.Select(key => key.Value));
    }

    [Fact]
    public async Task A_space_begins_without_an_epoch_and_each_is_raised_once()
    {
        SweepState before = await StateAsync();
        Assert.Equal((0, ""), (before.Epoch, before.Nonce));

        bool[] raised =
            await Task.WhenAll(Enumerable.Range(0, 6).Select(number => Task.Run(() => RaiseAsync(before, 1, $"nonce{number}"))));

        Assert.Single(raised, won => won);
        SweepState state = await StateAsync();
        Assert.Equal((1, $"nonce{Array.IndexOf(raised, true)}"), (state.Epoch, state.Nonce));
        Assert.False(await RaiseAsync(before, 2, "late"));
        Assert.True(await RaiseAsync(state, 7, "next"));
        await ReopenAsync();
        Assert.Equal((7, "next"), ((await StateAsync()).Epoch, (await StateAsync()).Nonce));
        Assert.Equal(7, (await FindAsync()).Epoch);
        Assert.Equal(0, (await Sweep.ReadStateAsync(Other, CancellationToken.None)).Epoch);
    }

    [Fact]
    public async Task Every_change_with_an_event_is_seen_until_an_epoch_covers_it()
    {
        await RaiseAsync(await StateAsync(), 1, "first");
        Assert.Equal((await StateAsync()).CoveredChange, (await StateAsync()).LastChange);

        await StoreAsync();
        SweepState changed = await StateAsync();
        Assert.True(changed.LastChange > changed.CoveredChange);
        await RaiseAsync(changed, 2, "second");

        SweepState covered = await StateAsync();
        Assert.Equal(covered.CoveredChange, covered.LastChange);
    }

    [Fact]
    public async Task A_repair_has_no_event_and_is_seen_all_the_same()
    {
        (SampleStudy study, InstanceChange instance) = await StoreAsync();
        await RaiseAsync(await StateAsync(), 1, "first");
        InstanceChange repaired = Named(study, instance.State.Id.Series);
        repaired = instance with { State = instance.State with { Object = repaired.State.Object } };

        await SaveAsync(study, study.Store(repaired) with { DroppedObjects = [instance.State.Object] });

        SweepState changed = await StateAsync();
        Assert.Equal(changed.CoveredChange + 1, changed.LastChange);
        ObjectNames names = await FindAsync(instance.State.Object);
        Assert.Equal([instance.State.Object], names.Dropped);
        Time.Advance(Day);
        Assert.Equal([instance.State.Object], await ListDroppedAsync(Folder));
    }

    [Fact]
    public async Task The_space_remembers_when_it_was_swept()
    {
        await RaiseAsync(await StateAsync(), 1, "first");
        DateTimeOffset began = (await StateAsync()).SweptAt;
        Time.Advance(Day);
        Assert.Equal(Day, (await StateAsync()).Now - began);

        await Sweep.SetSweptAsync(SampleStudy.Provider, CancellationToken.None);
        await RaiseAsync(await StateAsync(), 2, "second");

        SweepState state = await StateAsync();
        Assert.Equal(began + Day, state.SweptAt);
        Assert.Equal(state.Now, state.SweptAt);
    }

    [Fact]
    public async Task One_owner_at_a_time_sweeps_a_space()
    {
        Assert.True(await LeaseAsync("a"));
        Assert.False(await LeaseAsync("b"));
        Assert.True(await Sweep.TryLeaseAsync(Other, "b", Day, CancellationToken.None));
        Time.Advance(TimeSpan.FromHours(20));
        Assert.True(await LeaseAsync("a"));
        Time.Advance(TimeSpan.FromHours(20));
        Assert.False(await LeaseAsync("b"));
        Time.Advance(TimeSpan.FromHours(5));

        Assert.True(await LeaseAsync("b"));
        await Sweep.ReleaseAsync(SampleStudy.Provider, "a", CancellationToken.None);
        Assert.False(await LeaseAsync("a"));
        await Sweep.ReleaseAsync(SampleStudy.Provider, "b", CancellationToken.None);
        Assert.True(await LeaseAsync("a"));
    }

    [Fact]
    public async Task All_named_objects_of_a_space_are_listed_page_by_page()
    {
        SampleStudy first = new();
        SampleStudy second = new();
        SampleStudy elsewhere = new(new StudyKey(Other, new StudyInstanceUid(SampleStudy.NewUid())));
        InstanceChange[] all = [.. (await StoreAsync(first, 4)), .. (await StoreAsync(second, 5))];
        await StoreAsync(elsewhere, 2);

        List<NamedObject> listed = [];
        while (await Sweep.ListNamedAsync(SampleStudy.Provider, listed.LastOrDefault(), 4, CancellationToken.None) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= 4);
            listed.AddRange(page);
        }

        Assert.Equal(
            all.Select(instance => (instance.State.Object.Value, instance.State.ObjectLength)).Order(),
            listed.Select(named => (named.Key.Value, named.Length)).Order());
    }

    private InstanceChange Named(SampleStudy study, SeriesInstanceUid series, ObjectKey? key = null, string? prefix = null)
    {
        InstanceChange instance = SampleStudy.Instance(series);
        ObjectKey own = key ?? ObjectPath.NewKey(prefix ?? Sweep.InstallationId, study.Key, instance.State.Id);
        return instance with { State = instance.State with { Object = own } };
    }

    private async Task<(SampleStudy Study, InstanceChange Instance)> StoreAsync()
    {
        SampleStudy study = new();
        return (study, Assert.Single(await StoreAsync(study, 1)));
    }

    private async Task<InstanceChange[]> StoreAsync(SampleStudy study, int count)
    {
        SeriesInstanceUid series = study.Series();
        InstanceChange[] instances = [.. Enumerable.Range(0, count).Select(_ => Named(study, series))];
        await SaveAsync(
            study, study.Store(instances) with { Events = [.. instances.SelectMany(instance => SampleStudy.EventsOf(instance))] });
        return instances;
    }

    private async Task<InstanceChange> AddAsync(SampleStudy study, SeriesInstanceUid series, ObjectKey? key, string? prefix = null)
    {
        InstanceChange instance = Named(study, series, key, prefix);
        await SaveAsync(study, study.Store(instance));
        return instance;
    }

    private Task<SweepState> StateAsync() => Sweep.ReadStateAsync(SampleStudy.Provider, CancellationToken.None);

    private Task<bool> RaiseAsync(SweepState from, long epoch, string nonce)
        => Sweep.TryRaiseAsync(SampleStudy.Provider, from, epoch, nonce, CancellationToken.None);

    private Task<bool> LeaseAsync(string owner) => Sweep.TryLeaseAsync(SampleStudy.Provider, owner, Day, CancellationToken.None);

    private Task<ObjectNames> FindAsync(params ObjectKey[] keys)
        => Sweep.FindNamesAsync(SampleStudy.Provider, keys, CancellationToken.None);

    private Task<IReadOnlyList<ObjectKey>> ListDroppedAsync(string prefix)
        => Sweep.ListDroppedAsync(prefix, default, Day, 100, CancellationToken.None);
}
