using FsCheck;
using FsCheck.Fluent;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Manifest.Tests.Study;

namespace ImagingIngestion.Manifest.Tests.Revisions;

public sealed class RevisionPropertyTests
{
    /// <summary>
    /// Stores, replaces and deletes few instances many times, with commits and revisions in between: each change set equals what the
    /// senders were told.
    /// </summary>
    [Fact]
    public void Whatever_the_turns_each_revision_lists_what_was_answered_since_the_one_before()
    {
        Gen<int[]> turn = Gen.ArrayOf(Gen.Choose(0, 7), 4);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Gen.ArrayOf(turn).ToArbitrary(), Run));
    }

    private static bool Run(int[][] turns)
    {
        StudyGrainFixture study = new();
        Dictionary<InstanceId, Change> expected = [];
        int attempt = 0;
        int revisions = 0;
        foreach (int[] numbers in turns)
        {
            InstanceId id = Samples.Id(numbers[0] % 3, numbers[1] % 2);
            if (numbers[3] == 0)
            {
                Delete(study, id.Series, expected);
            }
            else
            {
                Note(study.Decide(Samples.Arrival(id, "c" + (numbers[2] % 2), study.Time.GetUtcNow(), $"{attempt++}")).Outcome, id, expected);
            }

            if (numbers[3] >= 3)
            {
                study.Commit();
            }

            if (numbers[3] >= 6 && study.Manifest.IsOpen)
            {
                Assert.Equal(revisions++, AssertRevision(study, expected));
            }
        }

        return true;
    }

    private static void Note(StoreAnswer.Kind outcome, InstanceId id, Dictionary<InstanceId, Change> expected)
    {
        switch (outcome)
        {
            case StoreAnswer.Kind.Added:
                expected[id] = Change.Addition;
                break;
            case StoreAnswer.Kind.Replaced when expected.GetValueOrDefault(id) != Change.Addition:
                expected[id] = Change.Modification;
                break;
            default:
                Assert.True(outcome is StoreAnswer.Kind.Replaced or StoreAnswer.Kind.Duplicate);
                break;
        }
    }

    private static void Delete(StudyGrainFixture study, SeriesInstanceUid series, Dictionary<InstanceId, Change> expected)
    {
        // The manifest knows what exists once all turns so far are committed.
        study.Commit();
        InstanceId[] there = [.. study.Manifest.Instances.Keys.Where(id => id.Series == series)];
        Assert.Equal(there.Length, study.Grain.Delete(new DeleteRequest(series, null), [.. study.Manifest.Instances.Values]));
        foreach (InstanceId id in there)
        {
            expected[id] = Change.Deletion;
        }
    }

    private static int AssertRevision(StudyGrainFixture study, Dictionary<InstanceId, Change> expected)
    {
        StudyRevisionEvent revision = study.Revise();
        Dictionary<string, Change> told = [];
        foreach ((IReadOnlyList<string> list, Change change) in new[]
        {
            (revision.ChangeSet.Additions,
                Change.Addition), (revision.ChangeSet.Modifications, Change.Modification), (revision.ChangeSet.Deletions, Change.Deletion),
        })
        {
            foreach (string reference in list)
            {
                told.Add(reference, change);
            }
        }

        Assert.Equal(expected.ToDictionary(row => $"{row.Key.Series.Value}/{row.Key.Sop.Value}", row => row.Value), told);
        expected.Clear();
        return revision.Revision;
    }

    private enum Change
    {
        None,
        Addition,
        Modification,
        Deletion,
    }
}
