namespace ImagingIngestion.Cluster.Tests.Chaos;

public sealed class ChaosScheduleTests
{
    [Fact]
    public void The_same_seed_makes_the_same_schedule_and_another_seed_another()
    {
        Assert.Equal(ChaosSchedule.Of(7).Take(200), ChaosSchedule.Of(7).Take(200));
        Assert.NotEqual(ChaosSchedule.Of(7).Take(20), ChaosSchedule.Of(8).Take(20));
    }

    [Fact]
    public void A_schedule_begins_with_one_step_of_each_kind()
        => Assert.All(
            Enumerable.Range(0, 20),
            seed => Assert.Equal(
                Enum.GetValues<ChaosAction>(),
                ChaosSchedule.Of(seed).Take(Enum.GetValues<ChaosAction>().Length).Select(step => step.Action).Order()));
}
