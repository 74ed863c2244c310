using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>What every store reads of the instances when a revision is closed.</summary>
public abstract class RevisionContentConformance : RevisionSteps
{
    [Fact]
    public async Task Instances_keep_the_revisions_that_added_and_changed_them()
    {
        SampleStudy study = new();
        InstanceChange instance = await StoreOneAsync(study);
        await SettleAsync(study);
        await StoreOneAsync(study);
        await SettleAsync(study);
        InstanceChange replaced = instance with { State = instance.State with { ChangedRevision = study.NextRevision } };
        await SaveAsync(study, study.Store(replaced) with { Timing = Timing });

        Assert.Equal([replaced.State], await Store.LoadInstancesAsync(study.Key, [instance.State.Id], CancellationToken.None));
        RevisionContent content = await ContentAsync(study);
        Assert.Equal([(0, 2), (1, 1)], content.Instances.Select(row => (row.AddedRevision, row.ChangedRevision)));
        Assert.Equal(instance.State.SopClass, content.Instances[0].SopClass);
        Assert.Empty(content.Deleted);
    }

    [Fact]
    public async Task Instances_stand_in_order_of_series_number_and_arrival()
    {
        SampleStudy study = new();
        SeriesInstanceUid first = study.Series();
        SeriesInstanceUid second = study.Series();
        List<InstanceChange> arrived = [];
        foreach ((SeriesInstanceUid series, int? number) in new (SeriesInstanceUid, int?)[]
        {
            (first, 3),
            (second, 1),
            (first, null),
            (first, 2),
            (first, 3)
        })
        {
            arrived.Add(await StoreOneAsync(study, series, number));
        }

        RevisionContent content = await ContentAsync(study);

        Assert.Equal(new[] { 3, 0, 4, 2, 1 }.Select(index => arrived[index].State.Id), content.Instances.Select(instance => instance.Id));
        Assert.Equal([2L, 3L, 3L, null, 1L], content.Instances.Select(instance => instance.Number));
    }

    [Fact]
    public async Task Deletions_are_listed_in_their_revision_only()
    {
        SampleStudy study = new();
        InstanceChange kept = await StoreOneAsync(study);
        InstanceChange deleted = await StoreOneAsync(study);
        await SettleAsync(study);

        await RemoveAsync(study, deleted);

        RevisionContent content = await ContentAsync(study);
        Assert.Equal([deleted.State.Id], content.Deleted);
        Assert.Equal([kept.State.Id], content.Instances.Select(instance => instance.Id));
        await SettleAsync(study);
        await StoreOneAsync(study);
        Assert.Empty((await ContentAsync(study)).Deleted);
    }

    [Fact]
    public async Task An_instance_that_comes_and_goes_is_a_deletion_until_it_comes_again()
    {
        SampleStudy study = new();
        SeriesInstanceUid series = study.Series();
        await StoreOneAsync(study, series);
        InstanceChange instance = await StoreOneAsync(study, series);
        await RemoveAsync(study, instance);
        Assert.Equal([instance.State.Id], (await ContentAsync(study)).Deleted);

        await SaveAsync(study, study.Store(instance) with { Timing = Timing });

        RevisionContent content = await ContentAsync(study);
        Assert.Empty(content.Deleted);
        Assert.Equal(2, content.Instances.Count);
        await RemoveAsync(study, instance);
        Assert.Equal([instance.State.Id], (await ContentAsync(study)).Deleted);
    }

    [Fact]
    public async Task The_deletion_of_a_whole_study_is_due_and_lists_everything()
    {
        SampleStudy study = new();
        InstanceChange[] instances = [await StoreOneAsync(study), await StoreOneAsync(study)];
        await SettleAsync(study);

        await RemoveAsync(study, instances);

        RevisionContent content = await ContentAsync(study);
        Assert.Empty(content.Instances);
        Assert.Equal(instances.Select(instance => instance.State.Id.Sop.Value).Order(), content.Deleted.Select(id => id.Sop.Value).Order());
        await SettleAsync(study);
        Assert.Equal(2, (await Store.LoadStudyAsync(study.Key, CancellationToken.None))!.NextRevision);
    }

    [Fact]
    public async Task The_content_of_one_storage_space_is_not_that_of_another()
    {
        SampleStudy here = new();
        InstanceChange instance = await StoreOneAsync(here);
        SampleStudy there = new(here.Key with { Provider = new ProviderName("other") });

        Assert.Empty((await ContentAsync(there)).Instances);
        InstanceChange other = await StoreOneAsync(there);
        await RemoveAsync(there, other);

        Assert.Equal([instance.State.Id], (await ContentAsync(here)).Instances.Select(row => row.Id));
        Assert.Empty((await ContentAsync(here)).Deleted);
    }
}
