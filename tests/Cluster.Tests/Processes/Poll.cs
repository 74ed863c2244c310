namespace ImagingIngestion.Cluster.Tests.Processes;

/// <summary>Waits for what a process only shows to who asks.</summary>
internal static class Poll
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks until the condition holds; fails when it does not in time.</summary>
    public static async Task UntilAsync(TimeSpan patience, Func<Task<bool>> condition)
    {
        using CancellationTokenSource late = new(patience);
        using PeriodicTimer pause = new(Step);
        while (!await condition())
        {
            await pause.WaitForNextTickAsync(late.Token);
        }
    }
}
