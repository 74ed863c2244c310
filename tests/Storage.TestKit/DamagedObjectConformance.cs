using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>What every store guarantees to readers that find a damaged object, and to decisions that depend on it.</summary>
public abstract class DamagedObjectConformance : ManifestConformance
{
    [Fact]
    public async Task A_flagged_object_shows_in_every_reading_of_its_row_and_in_no_other()
    {
        (SampleStudy study, InstanceState good, InstanceState bad) = await StoreAsync();

        await Damaged.AddAsync([bad.Object], CancellationToken.None);

        await AssertDamagedAsync(study, good, bad, isDamaged: true);
        await ReopenAsync();
        await AssertDamagedAsync(study, good, bad, isDamaged: true);
    }

    [Fact]
    public async Task A_flag_is_set_once_and_taken_again()
    {
        (SampleStudy study, InstanceState good, InstanceState bad) = await StoreAsync();
        await Damaged.AddAsync([bad.Object, bad.Object], CancellationToken.None);
        await Damaged.AddAsync([bad.Object], CancellationToken.None);

        await Damaged.RemoveAsync([good.Object, bad.Object], CancellationToken.None);
        await Damaged.RemoveAsync([bad.Object], CancellationToken.None);

        await AssertDamagedAsync(study, good, bad, isDamaged: false);
    }

    [Fact]
    public async Task Nothing_is_flagged_for_an_empty_list()
    {
        (SampleStudy study, InstanceState good, InstanceState bad) = await StoreAsync();

        await Damaged.AddAsync([], CancellationToken.None);
        await Damaged.RemoveAsync([], CancellationToken.None);

        await AssertDamagedAsync(study, good, bad, isDamaged: false);
    }

    [Fact]
    public async Task Many_callers_flag_the_same_objects_at_once()
    {
        (SampleStudy study, InstanceState good, InstanceState bad) = await StoreAsync();
        ObjectKey[] keys = [bad.Object, .. Enumerable.Range(0, 100).Select(_ => SampleStudy.NewObject())];

        await Task.WhenAll(Enumerable.Range(0, 8).Select(
            _ => Task.Run(() => Damaged.AddAsync([.. keys.OrderBy(_ => Random.Shared.Next())], CancellationToken.None))));

        await AssertDamagedAsync(study, good, bad, isDamaged: true);
    }

    [Fact]
    public async Task A_new_object_of_the_same_instance_is_not_flagged_and_the_old_flag_goes_with_the_dropped_object()
    {
        (SampleStudy study, InstanceState good, InstanceState bad) = await StoreAsync();
        await Damaged.AddAsync([bad.Object], CancellationToken.None);
        InstanceChange replacement = SampleStudy.Instance(bad.Id.Series, sop: bad.Id.Sop.Value);
        await SaveAsync(study, study.Store(replacement) with { DroppedObjects = [bad.Object] });
        await AssertDamagedAsync(study, good, replacement.State, isDamaged: false);

        await Sweep.ForgetDroppedAsync([bad.Object], CancellationToken.None);

        await SaveAsync(study, study.Store(replacement with { State = bad }));
        await AssertDamagedAsync(study, good, bad, isDamaged: false);
    }

    private async Task<(SampleStudy Study, InstanceState Good, InstanceState Bad)> StoreAsync()
    {
        SampleStudy study = new();
        SeriesInstanceUid series = study.Series();
        InstanceChange good = SampleStudy.Instance(series);
        InstanceChange bad = SampleStudy.Instance(series);
        await SaveAsync(study, study.Store(good, bad));
        return (study, good.State, bad.State);
    }

    private async Task AssertDamagedAsync(SampleStudy study, InstanceState good, InstanceState bad, bool isDamaged)
    {
        InstanceState[][] readings =
        [
            [.. await Store.LoadInstancesAsync(study.Key, [good.Id, bad.Id], CancellationToken.None)],
            [.. await Store.ListInstancesAsync(study.Key, null, CancellationToken.None)],
            [.. await Query.FindInstancesAsync(SampleStudy.Provider, [good.Id.Sop, bad.Id.Sop], CancellationToken.None)],
            [.. (await RetrieveAsync(new RetrieveScope(study.Key, null, null))).Select(instance => instance.State)],
        ];

        Assert.All(readings, states =>
        {
            Assert.False(Assert.Single(states, state => state.Id == good.Id).IsDamaged);
            Assert.Equal(isDamaged, Assert.Single(states, state => state.Id == bad.Id).IsDamaged);
        });
    }
}
