namespace ImagingIngestion.Cluster.Tests.Chaos;

/// <summary>Derives a schedule from a seed: the same seed makes the same schedule.</summary>
internal static class ChaosSchedule
{
    private const int LeastPauseMilliseconds = 500;
    private const int MostPauseMilliseconds = 4000;
    private const int MostSilos = 5;

    private static readonly (ChaosAction Action, int Weight)[] Weights =
    [
        (ChaosAction.KillSilo, 6), (ChaosAction.KillGateway, 5), (ChaosAction.FreezeSilo, 3), (ChaosAction.FreezeGateway, 2),
        (ChaosAction.RestartDatabase, 2), (ChaosAction.StopBucket, 1), (ChaosAction.LockStudies, 2), (ChaosAction.RevokePrivilege, 2),
        (ChaosAction.ConfuseBucket, 2), (ChaosAction.AddSilo, 1),
    ];

    /// <summary>Returns steps without end.</summary>
    /// <remarks>Each kind comes once before any comes twice, so that a short run has them all; the order depends on the seed.</remarks>
    public static IEnumerable<ChaosStep> Of(int seed)
    {
        Random random = new(seed);
        ChaosAction[] first = [.. Weights.Select(row => row.Action)];
        random.Shuffle(first);
        int added = 0;
        for (int number = 0; ; number++)
        {
            ChaosAction action = number < first.Length ? first[number] : Choose(random);
            TimeSpan pause = TimeSpan.FromMilliseconds(random.Next(LeastPauseMilliseconds, MostPauseMilliseconds));
            int target = random.Next(1000);
            if (action == ChaosAction.AddSilo && ++added > MostSilos)
            {
                continue;
            }

            yield return new ChaosStep(pause, action, target);
        }
    }

    private static ChaosAction Choose(Random random)
    {
        int roll = random.Next(Weights.Sum(row => row.Weight));
        foreach ((ChaosAction action, int weight) in Weights)
        {
            roll -= weight;
            if (roll < 0)
            {
                return action;
            }
        }

        throw new InvalidOperationException("The weights do not add up.");
    }
}
