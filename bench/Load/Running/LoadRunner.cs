using System.Diagnostics;
using ImagingIngestion.Load.Http;

namespace ImagingIngestion.Load.Running;

/// <summary>
/// Runs an operation from several clients at once, each in a closed loop: the next operation begins after the last answer.
/// </summary>
public static class LoadRunner
{
    /// <summary>The number of failures that ends a measurement.</summary>
    private const int MaxFailures = 20;

    /// <summary>One operation.</summary>
    /// <param name="client">0-based number of the client.</param>
    /// <param name="index">0-based number of the operation, unique over all clients.</param>
    /// <param name="cancellationToken">Ends the load.</param>
    public delegate Task Operation(int client, long index, CancellationToken cancellationToken);

    public static async Task<LoadOutcome> RunAsync(LoadPlan plan, Operation operation, CancellationToken cancellationToken)
    {
        Shared shared = new(plan, operation);
        Task[] clients = new Task[plan.Clients];
        for (int i = 0; i < clients.Length; i++)
        {
            int client = i;
            clients[i] = Task.Run(() => shared.LoopAsync(client, cancellationToken), cancellationToken);
        }

        await Task.WhenAll(clients);
        return shared.Finish();
    }

    private sealed class Shared(LoadPlan plan, Operation operation)
    {
        private readonly Lock _gate = new();
        private readonly List<double> _latencies = [];
        private readonly long _started = Stopwatch.GetTimestamp();
        private long _next = -1;
        private int _failures;
        private string? _firstFailure;

        public async Task LoopAsync(int client, CancellationToken cancellationToken)
        {
            List<double> own = [];
            while (Volatile.Read(ref _failures) < MaxFailures && Stopwatch.GetElapsedTime(_started) < plan.Limit)
            {
                long index = Interlocked.Increment(ref _next);
                if (index >= plan.Operations)
                {
                    break;
                }

                long began = Stopwatch.GetTimestamp();
                try
                {
                    await operation(client, index, cancellationToken);
                    own.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                }
                catch (Exception e) when (e is LoadException or HttpRequestException or IOException
                    || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
                {
                    Interlocked.CompareExchange(ref _firstFailure, e is LoadException ? e.Message : e.GetType().Name, null);
                    Interlocked.Increment(ref _failures);
                }
            }

            lock (_gate)
            {
                _latencies.AddRange(own);
            }
        }

        public LoadOutcome Finish()
        {
            TimeSpan elapsed = Stopwatch.GetElapsedTime(_started);
            double[] sorted = [.. _latencies];
            Array.Sort(sorted);
            return new LoadOutcome(elapsed, sorted, _failures, _firstFailure);
        }
    }
}

/// <summary>The limits of a measurement; the first one reached ends it.</summary>
/// <param name="Clients">Operations at the same time.</param>
/// <param name="Operations">The maximum of operations.</param>
/// <param name="Limit">The time after which no operation begins.</param>
public sealed record LoadPlan(int Clients, long Operations, TimeSpan Limit);

/// <summary>The result of a measurement.</summary>
/// <param name="Elapsed">From the first beginning to the last end.</param>
/// <param name="Latencies">Time of each operation that succeeded, ascending, in milliseconds.</param>
/// <param name="Failures">Operations that failed; their time is not counted.</param>
/// <param name="FirstFailure">Why the first one failed.</param>
public sealed record LoadOutcome(TimeSpan Elapsed, double[] Latencies, int Failures, string? FirstFailure)
{
    public long Completed => Latencies.Length;

    public double PerSecond => Elapsed.TotalSeconds > 0 ? Latencies.Length / Elapsed.TotalSeconds : 0;

    /// <summary>
    /// Returns the latency within which the given part of the operations finished, by nearest rank; NaN if none succeeded.
    /// </summary>
    public double Percentile(double part)
        => Latencies.Length == 0
            ? double.NaN
            : Latencies[Math.Clamp((int)Math.Ceiling(part * Latencies.Length) - 1, 0, Latencies.Length - 1)];

    /// <summary>An explanation of the failures; empty if there were none.</summary>
    public string FailureNote => Failures == 0 ? "" : $"{Failures} failed: {FirstFailure}";
}
