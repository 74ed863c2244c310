using FsCheck;
using FsCheck.Fluent;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Manifest.Tests.Study;

public sealed class TurnPropertyTests
{
    /// <summary>Stores and deletes few instances many times, with commits in between; the manifest model checks every change.</summary>
    [Fact]
    public void Whatever_the_turns_the_manifest_holds_what_they_were_answered()
    {
        Gen<int[]> turn = Gen.ArrayOf(Gen.Choose(0, 5), 4);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Gen.ArrayOf(turn).ToArbitrary(), Run));
    }

    private static bool Run(int[][] turns)
    {
        StudyGrainFixture study = new(DuplicatePolicy.Replace);
        Dictionary<InstanceId, string> expected = [];
        Dictionary<InstanceId, ObjectKey> current = [];
        int attempt = 0;
        foreach (int[] numbers in turns)
        {
            InstanceId id = Samples.Id(numbers[0] % 3, numbers[1] % 2);
            string content = "c" + (numbers[2] % 2);
            if (numbers[3] == 0)
            {
                int covered = expected.Keys.Count(key => key.Series == id.Series);
                Assert.Equal(covered, study.Grain.Delete(new DeleteRequest(id.Series, null), [.. study.Manifest.Instances.Values]));
                expected = expected.Where(pair => pair.Key.Series != id.Series).ToDictionary();
            }
            else
            {
                // Some gateways have found the committed object damaged; a turn of the same batch may have repaired it since.
                ObjectKey? damaged = numbers[3] == 2 ? study.Manifest.Instances.GetValueOrDefault(id)?.Object : null;
                bool isRepair = damaged is not null && damaged == current.GetValueOrDefault(id);
                StoreAnswer.Kind due = expected.GetValueOrDefault(id) switch
                {
                    null => StoreAnswer.Kind.Added,
                    string stored when stored == content => isRepair ? StoreAnswer.Kind.Repaired : StoreAnswer.Kind.Duplicate,
                    _ => StoreAnswer.Kind.Replaced,
                };
                StoreAnswer answer = study.Decide(
                    Samples.Arrival(id, content, study.Time.GetUtcNow(), $"{attempt++}") with { DamagedObject = damaged });
                Assert.Equal(due, answer.Outcome);
                current[id] = answer.Committed!.Object;
                expected[id] = content;
            }

            if (numbers[3] >= 3)
            {
                study.Commit();
            }
        }

        study.Commit();
        Assert.Equal(
            expected.ToDictionary(pair => pair.Key, pair => Samples.Hash(pair.Value)),
            study.Manifest.Instances.ToDictionary(pair => pair.Key, pair => pair.Value.Hash));
        return true;
    }
}
