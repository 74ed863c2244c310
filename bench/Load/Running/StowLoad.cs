using System.Globalization;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Scenarios;

namespace ImagingIngestion.Load.Running;

/// <summary>Stores instances over several connections, for measurement or as content to search and retrieve.</summary>
/// <param name="target">The server.</param>
/// <param name="template">The template of the instances.</param>
/// <param name="instancesPerStudy">Instances of each study.</param>
/// <param name="others">Further servers; the clients are spread evenly over all of them.</param>
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
