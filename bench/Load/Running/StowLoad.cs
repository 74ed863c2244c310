using System.Globalization;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Scenarios;

namespace ImagingIngestion.Load.Running;

/// <summary>Stores instances over several connections, to measure it or to have something to search and retrieve.</summary>
/// <param name="target">The server.</param>
/// <param name="template">What the instances are like.</param>
/// <param name="instancesPerStudy">Instances of each study.</param>
/// <param name="others">Servers beside the first one, over which the clients are spread evenly.</param>
public sealed class StowLoad(ServerTarget target, InstanceTemplate template, int instancesPerStudy, params IEnumerable<ServerTarget> others)
    : IDisposable
{
    private readonly DicomWebClient[] _servers = [target.CreateClient(), .. others.Select(other => other.CreateClient())];

    public void Dispose() => Array.ForEach(_servers, server => server.Dispose());

    /// <summary>Stores instances from an index on; whole requests only.</summary>
    /// <param name="plan">Clients and bounds; operations are requests.</param>
    /// <param name="firstIndex">Index of the first instance.</param>
    /// <param name="perRequest">Instances in a request.</param>
    /// <param name="isChunked">Without Content-Length.</param>
    /// <param name="cancellationToken">Ends the load.</param>
    public Task<LoadOutcome> RunAsync(LoadPlan plan, long firstIndex, int perRequest, bool isChunked, CancellationToken cancellationToken)
    {
        InstanceWriter[] writers = new InstanceWriter[plan.Clients];
        for (int i = 0; i < writers.Length; i++)
        {
            writers[i] = new InstanceWriter(template, target.Run, instancesPerStudy);
        }

        return LoadRunner.RunAsync(plan, StoreAsync, cancellationToken);

        async Task StoreAsync(int client, long index, CancellationToken token)
        {
            using StowRequestContent content = new(writers[client], firstIndex + (index * perRequest), perRequest, isChunked);
            await _servers[client % _servers.Length].StoreAsync(content, token);
        }
    }

    /// <summary>Stores exactly a number of instances.</summary>
    /// <exception cref="LoadException">Not all of them were stored.</exception>
    public async Task<LoadOutcome> FillAsync(
        long instances, int clients, int perRequest, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (instances % perRequest != 0)
        {
            throw new LoadException(
                string.Create(CultureInfo.InvariantCulture, $"the number of instances must be a multiple of {perRequest}"));
        }

        long requests = instances / perRequest;
        LoadOutcome outcome = await RunAsync(new LoadPlan(clients, requests, limit), 0, perRequest, isChunked: false, cancellationToken);
        return outcome.Completed == requests
            ? outcome
            : throw new LoadException(string.Create(
                CultureInfo.InvariantCulture,
                $"only {outcome.Completed} of {requests} store requests succeeded within {limit.TotalSeconds} s; {outcome.FailureNote}"));
    }
}

/// <summary>What a measurement found.</summary>
/// <param name="Elapsed">From the first beginning to the last end.</param>
/// <param name="Latencies">Time of each operation that succeeded, ascending, in milliseconds.</param>
/// <param name="Failures">Operations that failed; their time counts for nothing.</param>
/// <param name="FirstFailure">Why the first one failed.</param>
public sealed record LoadOutcome(TimeSpan Elapsed, double[] Latencies, int Failures, string? FirstFailure)
{
    public long Completed => Latencies.Length;

    public double PerSecond => Elapsed.TotalSeconds > 0 ? Latencies.Length / Elapsed.TotalSeconds : 0;

    /// <summary>A latency that the given part of the operations kept, by nearest rank; NaN where nothing succeeded.</summary>
    public double Percentile(double part)
        => Latencies.Length == 0
            ? double.NaN
            : Latencies[Math.Clamp((int)Math.Ceiling(part * Latencies.Length) - 1, 0, Latencies.Length - 1)];

    /// <summary>What a reader of the figure must know about failures; empty when there were none.</summary>
    public string FailureNote => Failures == 0 ? "" : $"{Failures} failed: {FirstFailure}";
}
