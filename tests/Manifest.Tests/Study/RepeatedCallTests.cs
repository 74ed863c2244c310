using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Manifest.Tests.Study;

/// <summary>A caller whose connection broke sends the same call again, to any silo.</summary>
public sealed class RepeatedCallTests
{
    [Theory]
    [InlineData(DuplicatePolicy.Replace)]
    [InlineData(DuplicatePolicy.KeepFirst)]
    [InlineData(DuplicatePolicy.Reject)]
    public void A_repeated_arrival_is_told_of_its_own_object_and_changes_nothing(DuplicatePolicy policy)
    {
        StudyGrainFixture study = new(policy);
        InstanceArrival arrival = study.Arrival(1, "x");
        study.Store(arrival);

        StoreAnswer again = study.Decide(arrival);

        Assert.Equal(StoreAnswer.Kind.Duplicate, again.Outcome);
        Assert.Equal(arrival.State.Object, again.Committed!.Object);
        Assert.Null(study.Commit());
    }

    [Fact]
    public void A_repeated_arrival_that_replaced_another_is_told_of_its_own_object()
    {
        StudyGrainFixture study = new();
        study.Store(study.Arrival(1, "x"));
        InstanceArrival arrival = study.Arrival(1, "y");
        study.Store(arrival);

        Assert.Equal(arrival.State.Object, study.Decide(arrival).Committed!.Object);
        Assert.Null(study.Commit());
    }

    [Fact]
    public void A_repeated_arrival_that_is_committed_is_never_too_old()
    {
        StudyGrainFixture study = new();
        InstanceArrival arrival = study.Arrival(1, "x");
        study.Store(arrival);
        study.Time.Advance(StudyGrain.MaxUploadAge + TimeSpan.FromMinutes(1));

        Assert.Equal(StoreAnswer.Kind.Duplicate, study.Decide(arrival).Outcome);
    }

    [Fact]
    public void A_repeated_deletion_finds_nothing_and_a_repeated_closing_is_false()
    {
        StudyGrainFixture study = new();
        study.Store(study.Arrival(1, "x"));
        Assert.Equal(1, study.Delete(new DeleteRequest(null, null)));
        Assert.Equal(0, study.Delete(new DeleteRequest(null, null)));

        study.Store(study.Arrival(2, "x"));
        study.Revise();
        Assert.False(study.Grain.Revise(StudyGrainFixture.Claim(0), study.Manifest.Content()));
    }
}
