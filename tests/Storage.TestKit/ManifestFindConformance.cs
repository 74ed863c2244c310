using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>How instances are found if their study is not named.</summary>
public abstract class ManifestFindConformance : ManifestConformance
{
    [Fact]
    public async Task Instances_of_several_studies_are_found_by_their_uids_alone()
    {
        (_, InstanceChange first) = await StoreAsync();
        (_, InstanceChange second) = await StoreAsync();
        await StoreAsync();

        IReadOnlyList<InstanceState> found =
            await FindAsync(first.State.Id.Sop, second.State.Id.Sop, new SopInstanceUid(SampleStudy.NewUid()), first.State.Id.Sop);

        Assert.Equal(
            new[] { first.State, second.State }.Select(state => (state.Id, state.SopClass, state.Object, state.ObjectLength)).OrderBy(
                state => state.Object.Value),
            found.Select(state => (state.Id, state.SopClass, state.Object, state.ObjectLength)).OrderBy(state => state.Object.Value));
    }

    [Fact]
    public async Task One_uid_in_two_series_is_found_twice()
    {
        (_, InstanceChange first) = await StoreAsync();
        (_, InstanceChange second) = await StoreAsync(first.State.Id.Sop.Value);

        Assert.Equal(
            new[] { first.State.Id.Series.Value, second.State.Id.Series.Value }.Order(),
            (await FindAsync(first.State.Id.Sop)).Select(state => state.Id.Series.Value).Order());
    }

    [Fact]
    public async Task An_instance_of_another_space_or_one_that_was_removed_is_not_found()
    {
        (SampleStudy study, InstanceChange removed) = await StoreAsync();
        SampleStudy foreign = new(new StudyKey(new ProviderName("elsewhere"), new StudyInstanceUid(SampleStudy.NewUid())));
        InstanceChange hidden = SampleStudy.Instance(foreign.Series());
        await SaveAsync(foreign, foreign.Store(hidden));
        await SaveAsync(study, study.Remove(removed.State));

        Assert.Empty(await FindAsync(removed.State.Id.Sop, hidden.State.Id.Sop));
        Assert.Empty(await FindAsync());
    }

    [Fact]
    public async Task Thousands_are_found_in_one_call()
    {
        SampleStudy study = new();
        SeriesInstanceUid series = study.Series();
        InstanceChange[] instances = [.. Enumerable.Range(0, 1000).Select(number => SampleStudy.Instance(series, number))];
        await SaveAsync(study, study.Store(instances));
        IEnumerable<SopInstanceUid> unknown = Enumerable.Range(0, 2000).Select(_ => new SopInstanceUid(SampleStudy.NewUid()));

        IReadOnlyList<InstanceState> found = await FindAsync([.. instances.Select(instance => instance.State.Id.Sop), .. unknown]);

        Assert.Equal(instances.Select(instance => instance.State.Id.Sop).ToHashSet(), found.Select(state => state.Id.Sop).ToHashSet());
    }

    private async Task<(SampleStudy Study, InstanceChange Instance)> StoreAsync(string? sop = null)
    {
        SampleStudy study = new();
        InstanceChange instance = SampleStudy.Instance(study.Series(), sop: sop);
        await SaveAsync(study, study.Store(instance));
        return (study, instance);
    }

    private Task<IReadOnlyList<InstanceState>> FindAsync(params SopInstanceUid[] instances)
        => Query.FindInstancesAsync(SampleStudy.Provider, instances, CancellationToken.None);
}
