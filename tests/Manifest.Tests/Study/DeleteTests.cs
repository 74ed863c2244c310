using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Manifest.Tests.Study;

public sealed class DeleteTests
{
    private readonly StudyGrainFixture _study = new();

    public DeleteTests()
    {
        foreach ((int instance, int series) in new[] { (1, 1), (2, 1), (1, 2) })
        {
            _study.Store(_study.Arrival(instance, "x", series));
        }
    }

    [Fact]
    public void Deleting_an_instance_counts_it_off_and_drops_its_object()
    {
        InstanceId id = Samples.Id(1);
        ObjectKey key = _study.Manifest.Instances[id].Object;

        Assert.Equal(1, _study.Delete(new DeleteRequest(id.Series, id.Sop)));

        Assert.Equal([1, 1], _study.Manifest.Study!.Series.Select(series => series.InstanceCount));
        Assert.Equal([key], _study.Manifest.Dropped);
    }

    [Fact]
    public void Deleting_a_series_removes_its_row()
    {
        Assert.Equal(2, _study.Delete(new DeleteRequest(Samples.Id(1).Series, null)));

        Assert.Equal([Samples.Id(1, 2).Series], _study.Manifest.Study!.Series.Select(series => series.Uid));
    }

    [Fact]
    public void A_study_without_instances_is_a_tombstone_without_attributes_and_its_version_goes_on()
    {
        Assert.Equal(3, _study.Delete(new DeleteRequest(null, null)));

        StudyState tombstone = _study.Manifest.Study!;
        Assert.Equal((0, 4L), (tombstone.InstanceCount, tombstone.Version));
        Assert.Empty(tombstone.Series);
        Assert.Empty(tombstone.Attributes.Elements);
        Assert.Equal(3, _study.Manifest.Dropped.Count);
    }

    [Fact]
    public void Deleting_nothing_changes_nothing()
    {
        Assert.Equal(0, _study.Delete(new DeleteRequest(Samples.Id(1, 9).Series, null)));
        Assert.Equal(3, _study.Manifest.Study!.Version);
    }

    [Fact]
    public void The_same_content_after_a_deletion_is_an_addition()
    {
        _study.Delete(new DeleteRequest(null, null));
        _study.Time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(StoreAnswer.Kind.Added, _study.Store(_study.Arrival(1, "x", attempt: "b")).Outcome);
        Assert.Equal(
            (1, 5L, _study.Time.GetUtcNow()),
            (_study.Manifest.Study!.InstanceCount, _study.Manifest.Study.Version, _study.Manifest.Study.CreatedAt));
    }

    [Fact]
    public void Storing_and_deleting_in_one_batch_leave_no_row_drop_both_objects_and_are_told()
    {
        _study.Decide(_study.Arrival(1, "y"));
        _study.Decide(_study.Arrival(7, "x"));
        Assert.Equal(3, _study.Grain.Delete(new DeleteRequest(Samples.Id(1).Series, null), [.. _study.Manifest.Instances.Values]));
        StoreAnswer again = _study.Decide(_study.Arrival(1, "x", attempt: "c"));
        StudyChange change = _study.Commit()!;

        Assert.Equal(StoreAnswer.Kind.Added, again.Outcome);
        Assert.Equal([Samples.Id(2), Samples.Id(7)], change.RemovedInstances.Order(
            Comparer<InstanceId>.Create((left, right) => string.CompareOrdinal(left.Sop.Value, right.Sop.Value))));
        Assert.Equal(4, change.DroppedObjects.Count);
        Assert.Equal(2, change.After.InstanceCount);
    }

    [Fact]
    public void A_series_that_was_emptied_starts_anew()
    {
        _study.Store(_study.Arrival(1, "y") with
        {
            SeriesAttributes = Samples.Dataset((DicomTag.Modality, "MR"), (DicomTag.SeriesDescription, "old"))
        });
        _study.Delete(new DeleteRequest(Samples.Id(1).Series, null));
        _study.Store(_study.Arrival(1, "x", attempt: "d"));

        SeriesState series = _study.Manifest.Study!.Series.Single(series => series.Uid == Samples.Id(1).Series);
        Assert.Equal(["CT"], series.Modalities);
        Assert.Null(Samples.Text(series.Attributes, DicomTag.SeriesDescription));
    }
}
