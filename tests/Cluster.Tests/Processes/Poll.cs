namespace ImagingIngestion.Cluster.Tests.Processes;

/// <summary>Waits for a state of a process by asking it repeatedly.</summary>
internal static class Poll
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks until the condition holds; fails after the timeout.</summary>
    public static async Task UntilAsync(TimeSpan timeout, Func<Task<bool>> condition)
    {
        using CancellationTokenSource late = new(timeout);
        using PeriodicTimer pause = new(Step);
        while (!await condition())
        {
            await pause.WaitForNextTickAsync(late.Token);
        }
    }
}
