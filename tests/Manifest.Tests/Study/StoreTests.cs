using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Manifest.Tests.Study;

public sealed class StoreTests
{
    [Fact]
    public void A_new_instance_is_added_and_counted()
    {
        StudyGrainFixture study = new();
        InstanceArrival arrival = study.Arrival(1, "x");

        StoreAnswer answer = study.Store(arrival);

        Assert.Equal(new StoreAnswer(StoreAnswer.Kind.Added, arrival.State), answer);
        Assert.Equal((1, 1L), (study.Manifest.Study!.InstanceCount, study.Manifest.Study.Version));
        Assert.Equal(["CT"], study.Manifest.Study.Modalities);
        Assert.Equal(study.Time.GetUtcNow(), study.Manifest.Study.CreatedAt);
    }

    [Fact]
    public void The_same_content_again_is_a_duplicate_and_changes_nothing()
    {
        StudyGrainFixture study = new();
        InstanceArrival first = study.Arrival(1, "x");
        study.Store(first);

        StoreAnswer again = study.Decide(study.Arrival(1, "x", attempt: "b"));

        Assert.Equal(new StoreAnswer(StoreAnswer.Kind.Duplicate, first.State), again);
        Assert.Null(study.Commit());
    }

    [Theory]
    [InlineData(DuplicatePolicy.Replace, StoreAnswer.Kind.Replaced, "y")]
    [InlineData(DuplicatePolicy.KeepFirst, StoreAnswer.Kind.KeptFirst, "x")]
    [InlineData(DuplicatePolicy.Reject, StoreAnswer.Kind.Rejected, "x")]
    public void Other_content_is_decided_by_policy(DuplicatePolicy policy, StoreAnswer.Kind outcome, string kept)
    {
        StudyGrainFixture study = new(policy);
        InstanceArrival first = study.Arrival(1, "x");
        InstanceArrival second = study.Arrival(1, "y");
        study.Store(first);

        StoreAnswer answer = study.Store(second);

        Assert.Equal(outcome, answer.Outcome);
        Assert.Equal(Samples.Hash(kept), study.Manifest.Instances[Samples.Id(1)].Hash);
        Assert.Equal(study.Manifest.Instances[Samples.Id(1)], answer.Committed);
        Assert.Equal(1, study.Manifest.Study!.InstanceCount);
        Assert.Equal(policy == DuplicatePolicy.Replace ? [first.State.Object] : [], study.Manifest.Dropped);
    }

    [Fact]
    public void A_modification_of_nothing_but_content_moves_no_series_row()
    {
        StudyGrainFixture study = new();
        study.Store(study.Arrival(1, "x"));

        study.Decide(study.Arrival(1, "y"));
        StudyChange change = study.Commit()!;

        Assert.Empty(change.ChangedSeries);
        Assert.Single(change.StoredInstances);
    }

    [Fact]
    public void An_instance_that_arrives_twice_in_one_batch_is_decided_against_the_first()
    {
        StudyGrainFixture study = new();
        InstanceArrival first = study.Arrival(1, "x");

        StoreAnswer.Kind[] outcomes =
        [
            study.Decide(first).Outcome,
            study.Decide(study.Arrival(1, "x", attempt: "b")).Outcome,
            study.Decide(study.Arrival(1, "y")).Outcome,
            study.Decide(study.Arrival(1, "y", attempt: "b")).Outcome,
        ];
        StudyChange change = study.Commit()!;

        Assert.Equal([StoreAnswer.Kind.Added, StoreAnswer.Kind.Duplicate, StoreAnswer.Kind.Replaced, StoreAnswer.Kind.Duplicate], outcomes);
        Assert.Equal(Samples.Hash("y"), Assert.Single(change.StoredInstances).State.Hash);
        Assert.Equal([first.State.Object], change.DroppedObjects);
        Assert.Equal(1, change.After.InstanceCount);
    }

    [Fact]
    public void One_SOP_instance_in_two_series_is_two_instances()
    {
        StudyGrainFixture study = new();
        InstanceId one = Samples.Id(1);
        InstanceId other = one with { Series = new SeriesInstanceUid("1.2.3.2") };

        study.Store(Samples.Arrival(one, "x", study.Time.GetUtcNow()));
        Assert.Equal(StoreAnswer.Kind.Added, study.Store(Samples.Arrival(other, "y", study.Time.GetUtcNow(), "b")).Outcome);

        Assert.Equal(2, study.Manifest.Study!.InstanceCount);
    }

    [Fact]
    public void An_upload_older_than_six_hours_is_refused_unless_nothing_is_to_be_committed()
    {
        StudyGrainFixture study = new();
        InstanceArrival old = study.Arrival(1, "x");
        study.Time.Advance(TimeSpan.FromHours(6) + TimeSpan.FromSeconds(1));

        Assert.Equal(new StoreAnswer(StoreAnswer.Kind.UploadTooOld, null), study.Decide(old));
        Assert.Null(study.Commit());
        study.Store(study.Arrival(1, "x", attempt: "b"));
        Assert.Equal(StoreAnswer.Kind.Duplicate, study.Decide(old).Outcome);
        Assert.Equal(StoreAnswer.Kind.UploadTooOld, study.Decide(old with { State = old.State with { Hash = Samples.Hash("z") } }).Outcome);
    }

    [Fact]
    public void A_row_that_is_stored_is_believed_whatever_the_grain_remembers()
    {
        StudyGrainFixture study = new();
        InstanceArrival arrival = study.Arrival(1, "x");

        Assert.Equal(StoreAnswer.Kind.Duplicate, study.Grain.Store(arrival, arrival.State).Outcome);
        Assert.Null(study.Grain.TakeChange());
    }

    [Fact]
    public void An_instance_of_another_study_is_a_broken_promise()
    {
        StudyGrainFixture study = new();
        InstanceArrival foreign = study.Arrival(1, "x") with { Study = Samples.Study with { Provider = new ProviderName("other") } };

        Assert.Throws<ArgumentException>(() => study.Decide(foreign));
    }
}
