using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Manifest.Tests.Study;

/// <summary>Arrivals after the committed object was found missing or damaged.</summary>
public sealed class RepairTests
{
    public static TheoryData<DuplicatePolicy> Policies => [.. Enum.GetValues<DuplicatePolicy>()];

    [Theory]
    [MemberData(nameof(Policies))]
    public void The_same_content_takes_the_place_of_the_damaged_object_and_changes_nothing_else(DuplicatePolicy policy)
    {
        (StudyGrainFixture study, InstanceArrival first) = Stored(policy);
        study.Revise();
        StudyState before = study.Manifest.Study!;
        study.Time.Advance(TimeSpan.FromHours(1));
        InstanceArrival again = Again(study, first, "b") with { SeriesAttributes = Samples.Dataset((DicomTag.Modality, "MR")) };

        StoreAnswer answer = study.Grain.Store(again with { DamagedObject = first.State.Object }, first.State with { IsDamaged = true });
        StudyChange change = study.Commit()!;

        Assert.Equal(StoreAnswer.Kind.Repaired, answer.Outcome);
        InstanceChange row = Assert.Single(change.StoredInstances);
        Assert.Equal(answer.Committed, row.State);
        Assert.Equal(
            first.State with { Object = again.State.Object, ObjectLength = 1010, DataSetOffset = 310, ObjectChecksum = 7 }, row.State);
        Assert.Same(again.Content, row.Content);
        Assert.Equal([first.State.Object], change.DroppedObjects);
        Assert.Empty(change.Events);
        Assert.Null(change.Timing);
        Assert.Equal(before with { Version = before.Version + 1 }, study.Manifest.Study);
        Assert.False(study.Manifest.IsOpen);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Other_content_is_a_modification_whatever_the_policy_because_the_first_is_lost(DuplicatePolicy policy)
    {
        (StudyGrainFixture study, InstanceArrival first) = Stored(policy);
        study.Revise();
        InstanceArrival other = study.Arrival(1, "y");

        StoreAnswer answer = study.Grain.Store(other with { DamagedObject = first.State.Object }, first.State with { IsDamaged = true });
        StudyChange change = study.Commit()!;

        Assert.Equal(StoreAnswer.Kind.Replaced, answer.Outcome);
        Assert.Equal((0, 1), (answer.Committed!.AddedRevision, answer.Committed.ChangedRevision));
        Assert.False(answer.Committed.IsDamaged);
        Assert.Equal([first.State.Object], change.DroppedObjects);
        Assert.All(change.Events, content => Assert.Equal(ChangeKind.Modification, content.Change));
        Assert.NotEmpty(change.Events);
        Assert.True(study.Manifest.IsOpen);
    }

    [Fact]
    public void What_is_lost_is_not_compared_with_content_in_another_native_syntax()
    {
        (StudyGrainFixture study, InstanceArrival first) = Stored(DuplicatePolicy.Reject);
        InstanceArrival other = study.Arrival(1, "y");
        other = other with { State = other.State with { TransferSyntaxUid = TransferSyntax.ImplicitVRLittleEndian.Uid } };

        Assert.Equal(StoreAnswer.Kind.CompareContent, study.Decide(other).Outcome);
        Assert.Equal(StoreAnswer.Kind.Replaced, study.Decide(other with { DamagedObject = first.State.Object }).Outcome);
    }

    [Theory]
    [InlineData(DuplicatePolicy.Replace, StoreAnswer.Kind.Replaced)]
    [InlineData(DuplicatePolicy.KeepFirst, StoreAnswer.Kind.KeptFirst)]
    [InlineData(DuplicatePolicy.Reject, StoreAnswer.Kind.Rejected)]
    public void A_damaged_object_that_no_row_names_any_more_decides_nothing(DuplicatePolicy policy, StoreAnswer.Kind outcome)
    {
        (StudyGrainFixture study, InstanceArrival first) = Stored(policy);
        InstanceArrival repair = Repair(study, first, "b");
        study.Store(repair);

        StoreAnswer late = study.Decide(Repair(study, first, "c"));
        StoreAnswer other = study.Decide(study.Arrival(1, "y") with { DamagedObject = first.State.Object });

        Assert.Equal((StoreAnswer.Kind.Duplicate, repair.State.Object), (late.Outcome, late.Committed!.Object));
        Assert.Equal(outcome, other.Outcome);
    }

    [Fact]
    public void The_repair_that_is_called_again_is_told_of_its_own_object_and_never_drops_it()
    {
        (StudyGrainFixture study, InstanceArrival first) = Stored();
        InstanceArrival repair = Repair(study, first, "b");
        study.Store(repair);

        StoreAnswer again = study.Decide(repair);
        StoreAnswer flagged = study.Grain.Store(repair, repair.State with { IsDamaged = true });

        Assert.Equal((StoreAnswer.Kind.Duplicate, repair.State.Object), (again.Outcome, again.Committed!.Object));
        Assert.Equal(StoreAnswer.Kind.Duplicate, flagged.Outcome);
        Assert.Null(study.Commit());
    }

    [Fact]
    public void A_repair_with_an_upload_of_more_than_six_hours_is_refused()
    {
        (StudyGrainFixture study, InstanceArrival first) = Stored();
        InstanceArrival old = Repair(study, first, "b");
        study.Time.Advance(StudyGrain.MaxUploadAge + TimeSpan.FromSeconds(1));

        Assert.Equal(new StoreAnswer(StoreAnswer.Kind.UploadTooOld, first.State), study.Decide(old));
        Assert.Null(study.Commit());
    }

    [Fact]
    public void A_repair_of_an_instance_that_was_deleted_meanwhile_adds_it()
    {
        (StudyGrainFixture study, InstanceArrival first) = Stored();
        study.Delete(new DeleteRequest(null, null));

        Assert.Equal(StoreAnswer.Kind.Added, study.Store(Repair(study, first, "b")).Outcome);
        Assert.True(study.Manifest.IsOpen);
    }

    [Fact]
    public void Repairs_and_other_turns_share_a_batch()
    {
        StudyGrainFixture study = new();
        InstanceArrival first = study.Arrival(1, "x");
        InstanceArrival second = study.Arrival(2, "x");
        study.Decide(first);
        study.Decide(second);
        study.Commit();
        study.Revise();
        InstanceArrival repair = Repair(study, first, "b");

        StoreAnswer.Kind[] outcomes =
        [
            study.Decide(repair).Outcome,
            study.Decide(Repair(study, first, "c")).Outcome,
            study.Decide(Again(study, first, "d")).Outcome,
            study.Decide(study.Arrival(3, "x")).Outcome,
            study.Decide(study.Arrival(2, "y")).Outcome,
        ];
        StudyChange change = study.Commit()!;

        Assert.Equal(
            [
                StoreAnswer.Kind.Repaired,
                StoreAnswer.Kind.Duplicate,
                StoreAnswer.Kind.Duplicate,
                StoreAnswer.Kind.Added,
                StoreAnswer.Kind.Replaced,
            ],
            outcomes);
        Assert.Equal(repair.State.Object, study.Manifest.Instances[Samples.Id(1)].Object);
        Assert.Equal(0, study.Manifest.Instances[Samples.Id(1)].ChangedRevision);
        Assert.Equal([first.State.Object, second.State.Object], change.DroppedObjects);
        EventChangeSet changes = study.Revise().ChangeSet;
        Assert.Equal((1, 1, 0), (changes.Additions.Count, changes.Modifications.Count, changes.Deletions.Count));
    }

    [Fact]
    public void A_repaired_instance_that_is_deleted_or_replaced_in_the_same_batch_leaves_both_objects_to_the_sweeper()
    {
        StudyGrainFixture study = new();
        InstanceArrival first = study.Arrival(1, "x");
        InstanceArrival second = study.Arrival(2, "x");
        study.Decide(first);
        study.Decide(second);
        study.Commit();
        InstanceArrival repairOfFirst = Repair(study, first, "b");
        InstanceArrival repairOfSecond = Repair(study, second, "b");
        study.Decide(repairOfFirst);
        study.Decide(repairOfSecond);

        study.Decide(study.Arrival(1, "y"));
        study.Grain.Delete(new DeleteRequest(second.State.Id.Series, second.State.Id.Sop), [.. study.Manifest.Instances.Values]);
        StudyChange change = study.Commit()!;

        Assert.Equal(
            new[] { first, repairOfFirst, second, repairOfSecond }.Select(arrival => arrival.State.Object.Value).Order(),
            change.DroppedObjects.Select(key => key.Value).Order());
        Assert.Equal([second.State.Id], change.RemovedInstances);
        Assert.Equal(Samples.Hash("y"), Assert.Single(study.Manifest.Instances.Values).Hash);
    }

    [Fact]
    public void A_revision_is_not_closed_in_the_batch_of_a_repair()
    {
        (StudyGrainFixture study, InstanceArrival first) = Stored();
        study.Decide(Repair(study, first, "b"));

        Assert.Throws<InvalidOperationException>(() => study.Grain.Revise(StudyGrainFixture.Claim(0), study.Manifest.Content()));
    }

    private static (StudyGrainFixture Study, InstanceArrival First) Stored(DuplicatePolicy policy = DuplicatePolicy.Replace)
    {
        StudyGrainFixture study = new(policy);
        InstanceArrival first = study.Arrival(1, "x");
        study.Store(first);
        return (study, first);
    }

    private static InstanceArrival Repair(StudyGrainFixture study, InstanceArrival first, string attempt)
        => Again(study, first, attempt) with { DamagedObject = first.State.Object };

    private static InstanceArrival Again(StudyGrainFixture study, InstanceArrival first, string attempt)
    {
        InstanceArrival again = Samples.Arrival(first.State.Id, "x", study.Time.GetUtcNow(), attempt);
        return again with { State = again.State with { ObjectLength = 1010, DataSetOffset = 310, ObjectChecksum = 7 } };
    }
}
