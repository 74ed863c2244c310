using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>What every store guarantees to a check of the content.</summary>
public abstract class ContentLedgerConformance : ManifestConformance
{
    private static readonly ProviderName Other = new("other");

    [Fact]
    public async Task Every_instance_of_the_space_is_listed_once_page_by_page()
    {
        (SampleStudy study, InstanceState[] states) = await StoreAsync(7);
        await StoreAsync(1, new SampleStudy(new StudyKey(Other, new StudyInstanceUid(SampleStudy.NewUid()))));

        List<ListedInstance> listed = [];
        while (await Content.ListAsync(
            SampleStudy.Provider,
            listed.Count == 0 ? InstancePosition.Start : listed[^1].Position,
            3,
            CancellationToken.None) is { Count: > 0 } page)
        {
            Assert.InRange(page.Count, 1, 3);
            listed.AddRange(page);
        }

        ListedInstance[] ours = [.. listed.Where(instance => instance.Study == study.Key.Study)];
        Assert.Equal(
            states.OrderBy(state => state.Object.Value), ours.Select(instance => instance.State).OrderBy(state => state.Object.Value));
        Assert.Equal(listed.Count, await Content.CountAsync(SampleStudy.Provider, CancellationToken.None));
    }

    [Fact]
    public async Task A_checksum_is_given_only_to_a_row_without_one_that_names_the_object_still()
    {
        (SampleStudy study, InstanceState[] states) = await StoreAsync(3, hasChecksum: false);
        ListedInstance[] listed = [.. (await ListAsync()).Where(instance => instance.Study == study.Key.Study)];
        InstanceChange replacement = SampleStudy.Instance(states[1].Id.Series, sop: states[1].Id.Sop.Value);
        replacement = replacement with { State = replacement.State with { ObjectChecksum = null } };
        await SaveAsync(study, study.Store(replacement));

        foreach (ListedInstance instance in listed)
        {
            await Content.SetChecksumAsync(instance, ulong.MaxValue - 1, CancellationToken.None);
            await Content.SetChecksumAsync(instance, 7, CancellationToken.None);
        }

        IReadOnlyList<InstanceState> after =
            await Store.LoadInstancesAsync(study.Key, [.. states.Select(state => state.Id)], CancellationToken.None);
        Assert.Equal(
            [ulong.MaxValue - 1, null, ulong.MaxValue - 1], states.Select(state => after.Single(row => row.Id == state.Id).ObjectChecksum));
    }

    [Fact]
    public async Task Flagged_objects_are_listed_with_the_rows_that_name_them()
    {
        (SampleStudy study, InstanceState[] states) = await StoreAsync(5);
        SampleStudy foreign = new(new StudyKey(Other, new StudyInstanceUid(SampleStudy.NewUid())));
        (_, InstanceState[] others) = await StoreAsync(1, foreign);
        ObjectKey nobodys = ObjectPath.NewKey(Sweep.InstallationId, study.Key, states[4].Id);
        ObjectKey[] flagged = [.. states[..4].Select(state => state.Object), others[0].Object, nobodys];
        await Damaged.AddAsync(flagged, CancellationToken.None);

        List<ListedInstance> listed = [];
        while (await Content.ListDamagedAsync(
            SampleStudy.Provider, listed.Count == 0 ? default : listed[^1].State.Object, 2, CancellationToken.None) is { Count: > 0 } page)
        {
            listed.AddRange(page);
        }

        ListedInstance[] ours = [.. listed.Where(instance => instance.Study == study.Key.Study)];
        Assert.Equal(
            states[..4].Select(state => state.Object.Value).Order(StringComparer.Ordinal),
            ours.Select(instance => instance.State.Object.Value));
        Assert.All(ours, instance => Assert.True(instance.State.IsDamaged));
        Assert.DoesNotContain(listed, instance => instance.Study == foreign.Key.Study);
    }

    [Fact]
    public async Task Each_check_has_a_progress_of_its_own_until_it_is_forgotten()
    {
        ContentProgress first = new(new InstancePosition(1, 2, -3, 4), 5, SampleStudy.Instant);
        ContentProgress second = new(new InstancePosition(5_000_000_000, 6, long.MaxValue, 8), 9, SampleStudy.Instant.AddDays(1));
        string name = SampleStudy.NewUid();
        await Content.SaveProgressAsync(SampleStudy.Provider, name, second, CancellationToken.None);
        await Content.SaveProgressAsync(SampleStudy.Provider, name, first, CancellationToken.None);
        await Content.SaveProgressAsync(SampleStudy.Provider, name + ".1", second, CancellationToken.None);
        await ReopenAsync();

        Assert.Equal(first, await Content.ReadProgressAsync(SampleStudy.Provider, name, CancellationToken.None));
        Assert.Equal(second, await Content.ReadProgressAsync(SampleStudy.Provider, name + ".1", CancellationToken.None));
        Assert.Null(await Content.ReadProgressAsync(Other, name, CancellationToken.None));

        await Content.SaveProgressAsync(SampleStudy.Provider, name, null, CancellationToken.None);
        await Content.SaveProgressAsync(SampleStudy.Provider, name, null, CancellationToken.None);
        Assert.Null(await Content.ReadProgressAsync(SampleStudy.Provider, name, CancellationToken.None));
    }

    private Task<IReadOnlyList<ListedInstance>> ListAsync()
        => Content.ListAsync(SampleStudy.Provider, InstancePosition.Start, 10_000, CancellationToken.None);

    /// <summary>Returns the key of an object; half of the keys hold the identity of their instance.</summary>
    private async Task<(SampleStudy Study, InstanceState[] States)> StoreAsync(
        int count, SampleStudy? study = null, bool hasChecksum = true)
    {
        study ??= new SampleStudy();
        SeriesInstanceUid series = study.Series();
        InstanceChange[] instances = [.. Enumerable.Range(0, count).Select(index =>
        {
            InstanceChange instance = SampleStudy.Instance(series, number: index % 3 == 0 ? null : index - 2);
            ObjectKey key = index % 2 == 0
                ? ObjectPath.NewKey(Sweep.InstallationId, study.Key, instance.State.Id)
                : ObjectPath.NewUnnamedKey(Sweep.InstallationId, study.Key.Provider);
            return instance with
            {
                State = instance.State with { Object = key, ObjectChecksum = hasChecksum ? instance.State.ObjectChecksum : null }
            };
        })];
        await SaveAsync(study, study.Store(instances));
        return (study, [.. instances.Select(instance => instance.State)]);
    }
}
