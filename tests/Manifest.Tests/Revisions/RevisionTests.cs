using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Manifest.Tests.Study;

namespace ImagingIngestion.Manifest.Tests.Revisions;

public sealed class RevisionTests
{
    private readonly StudyGrainFixture _study = new();

    [Fact]
    public void Revisions_count_from_zero_without_gaps()
    {
        for (int revision = 0; revision < 3; revision++)
        {
            _study.Store(_study.Arrival(revision, "x"));
            Assert.Equal(revision, _study.Revise().Revision);
        }

        Assert.Equal(
            [0, 1, 2], _study.Manifest.Events.Where(row => row.Type == EventType.StudyRevision).Select(row => row.Revision!.Value));
        Assert.Equal((3, 6L), (_study.Manifest.Study!.NextRevision, _study.Manifest.Study.Version));
    }

    [Fact]
    public void The_first_revision_adds_all_and_the_next_only_what_came_late()
    {
        _study.Store(_study.Arrival(1, "x"));
        _study.Store(_study.Arrival(2, "x"));
        AssertChanges(_study.Revise(), additions: [Samples.Id(1), Samples.Id(2)]);

        _study.Store(_study.Arrival(3, "x", series: 2));
        StudyRevisionEvent next = _study.Revise();

        AssertChanges(next, additions: [Samples.Id(3, 2)]);
        Assert.Equal([2, 1], next.Study.Series.Select(series => series.Instances.Count));
    }

    [Fact]
    public void Other_content_is_a_modification_in_a_later_revision_and_an_addition_within_the_same()
    {
        _study.Store(_study.Arrival(1, "x"));
        _study.Store(_study.Arrival(1, "y"));
        AssertChanges(_study.Revise(), additions: [Samples.Id(1)]);

        _study.Store(_study.Arrival(1, "z"));
        AssertChanges(_study.Revise(), modifications: [Samples.Id(1)]);
    }

    [Fact]
    public void Identical_instances_open_no_revision_and_tell_nobody()
    {
        _study.Store(_study.Arrival(1, "x"));
        _study.Revise();
        int told = _study.Manifest.Events.Count;

        Assert.Equal(StoreAnswer.Kind.Duplicate, _study.Store(_study.Arrival(1, "x", attempt: "b")).Outcome);

        Assert.False(_study.Manifest.IsOpen);
        Assert.Equal(told, _study.Manifest.Events.Count);
    }

    [Theory]
    [InlineData(Manifest.Study.DuplicatePolicy.KeepFirst)]
    [InlineData(Manifest.Study.DuplicatePolicy.Reject)]
    public void Content_that_policy_keeps_out_opens_no_revision_and_tells_nobody(Manifest.Study.DuplicatePolicy policy)
    {
        StudyGrainFixture study = new(policy);
        study.Store(study.Arrival(1, "x"));
        study.Revise();
        int told = study.Manifest.Events.Count;

        study.Store(study.Arrival(1, "y"));

        Assert.False(study.Manifest.IsOpen);
        Assert.Equal(told, study.Manifest.Events.Count);
    }

    [Fact]
    public void A_deletion_is_listed_and_the_instance_gone_from_the_study()
    {
        _study.Store(_study.Arrival(1, "x"));
        _study.Store(_study.Arrival(2, "x"));
        _study.Revise();

        _study.Delete(new DeleteRequest(Samples.Id(1).Series, Samples.Id(1).Sop));
        StudyRevisionEvent revision = _study.Revise();

        AssertChanges(revision, deletions: [Samples.Id(1)]);
        Assert.Equal([Samples.Id(2).Sop.Value], revision.Study.Series.Single().Instances.Select(instance => instance.SopInstanceUID));
    }

    [Fact]
    public void Deleting_nothing_opens_no_revision()
    {
        _study.Store(_study.Arrival(1, "x"));
        _study.Revise();

        _study.Delete(new DeleteRequest(Samples.Id(1, 9).Series, null));

        Assert.False(_study.Manifest.IsOpen);
    }

    [Fact]
    public void A_deleted_study_settles_into_a_revision_without_series_that_lists_all_of_it()
    {
        _study.Store(_study.Arrival(1, "x"));
        _study.Store(_study.Arrival(1, "x", series: 2));
        _study.Revise();

        _study.Delete(new DeleteRequest(null, null));
        StudyRevisionEvent revision = _study.Revise();

        AssertChanges(revision, deletions: [Samples.Id(1), Samples.Id(1, 2)]);
        Assert.Empty(revision.Study.Series);
        Assert.Equal(["CT"], _study.Manifest.Events[^1].Modalities);
    }

    [Fact]
    public void A_study_stored_again_after_its_deletion_counts_on()
    {
        _study.Store(_study.Arrival(1, "x"));
        _study.Revise();
        _study.Delete(new DeleteRequest(null, null));
        _study.Revise();

        _study.Store(_study.Arrival(1, "x", attempt: "b"));
        StudyRevisionEvent revision = _study.Revise();

        Assert.Equal(2, revision.Revision);
        AssertChanges(revision, additions: [Samples.Id(1)]);
    }

    [Fact]
    public void Deleted_and_stored_again_within_a_revision_is_an_addition_only()
    {
        _study.Store(_study.Arrival(1, "x"));
        _study.Revise();

        _study.Delete(new DeleteRequest(null, null));
        _study.Store(_study.Arrival(1, "x", attempt: "b"));

        AssertChanges(_study.Revise(), additions: [Samples.Id(1)]);
    }

    [Fact]
    public void Stored_and_deleted_within_one_batch_is_a_deletion()
    {
        _study.Decide(_study.Arrival(1, "x"));
        _study.Decide(_study.Arrival(2, "x"));
        _study.Delete(new DeleteRequest(Samples.Id(1).Series, Samples.Id(1).Sop));

        AssertChanges(_study.Revise(), additions: [Samples.Id(2)], deletions: [Samples.Id(1)]);
    }

    [Fact]
    public void A_modality_that_was_deleted_with_its_series_still_marks_the_event()
    {
        _study.Store(_study.Arrival(1, "x"));
        _study.Store(_study.Arrival(1, "x", series: 2) with { SeriesAttributes = Samples.Dataset((DicomTag.Modality, "SR")) });
        _study.Revise();
        _study.Delete(new DeleteRequest(Samples.Id(1, 2).Series, null));
        _study.Revise();
        Assert.Equal(["CT", "SR"], _study.Manifest.Events[^1].Modalities);

        _study.Store(_study.Arrival(2, "x"));
        _study.Revise();
        Assert.Equal(["CT"], _study.Manifest.Events[^1].Modalities);
    }

    [Fact]
    public void A_claim_of_a_closed_revision_or_another_study_closes_nothing()
    {
        _study.Store(_study.Arrival(1, "x"));
        StudyKey other = Samples.Study with { Provider = new ProviderName("other") };

        Assert.False(_study.Grain.Revise(StudyGrainFixture.Claim(0) with { Study = other }, _study.Manifest.Content()));
        Assert.Null(_study.Commit());
        _study.Revise();
        Assert.False(_study.Grain.Revise(StudyGrainFixture.Claim(0), _study.Manifest.Content()));
    }

    [Fact]
    public void A_claim_of_a_later_revision_is_for_the_commit_to_refuse_because_the_grain_is_behind_the_manifest()
    {
        _study.Store(_study.Arrival(1, "x"));

        Assert.True(_study.Grain.Revise(StudyGrainFixture.Claim(1), _study.Manifest.Content()));
        StudyChange change = _study.Grain.TakeChange()!;

        Assert.Equal((1L, 1), (change.After.Version, change.Closing!.Claim.Revision));
    }

    [Fact]
    public void A_revision_is_never_closed_together_with_a_change()
    {
        _study.Store(_study.Arrival(1, "x"));
        _study.Decide(_study.Arrival(2, "x"));

        Assert.Throws<InvalidOperationException>(() => _study.Grain.Revise(StudyGrainFixture.Claim(0), _study.Manifest.Content()));
    }

    [Fact]
    public void Every_change_carries_the_delays_and_a_closing_carries_none()
    {
        _study.Decide(_study.Arrival(1, "x"));
        Assert.Equal(StudyGrainFixture.Timing, _study.Commit()!.Timing);

        Assert.True(_study.Grain.Revise(StudyGrainFixture.Claim(0), _study.Manifest.Content()));
        Assert.Null(_study.Commit()!.Timing);
    }

    private static void AssertChanges(
        StudyRevisionEvent revision,
        IEnumerable<InstanceId>? additions = null,
        IEnumerable<InstanceId>? modifications = null,
        IEnumerable<InstanceId>? deletions = null)
    {
        Assert.Equal(References(additions), revision.ChangeSet.Additions.Order(StringComparer.Ordinal));
        Assert.Equal(References(modifications), revision.ChangeSet.Modifications.Order(StringComparer.Ordinal));
        Assert.Equal(References(deletions), revision.ChangeSet.Deletions.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> References(IEnumerable<InstanceId>? instances)
        => (instances ?? []).Select(id => $"{id.Series.Value}/{id.Sop.Value}").Order(StringComparer.Ordinal);
}
