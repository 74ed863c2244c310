using System.CommandLine;
using System.Globalization;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Running;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Measures STOW-RS of 512 KB CT instances: instances per second and request time, by clients and instances per request.</summary>
public sealed class StowScenario(ServerTarget target, int instances)
{
    private const string Name = "stow";
    private const int InstancesPerStudy = 100;
    private const int WarmUpRequests = 40;

    public static Command CreateCommand()
    {
        ServerOptions server = new();
        Option<int[]> clients = new("--clients")
        {
            Description = "Clients at once",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [1, 4, 8, 32]
        };
        Option<int[]> perRequest = new("--per-request")
        {
            Description = "Instances in a request",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [1, 20]
        };
        Option<int> instances = new("--instances")
        {
            Description = "The most instances of one measurement",
            DefaultValueFactory = _ => 2000
        };
        Command command = new(Name, "STOW-RS instances per second") { clients, perRequest, instances };
        server.AddTo(command);
        command.SetAction((parsed, cancellationToken) => new StowScenario(server.Read(parsed), parsed.GetValue(instances))
            .RunAsync(parsed.GetRequiredValue(clients), parsed.GetRequiredValue(perRequest), cancellationToken));
        return command;
    }

    public async Task<int> RunAsync(int[] clientCounts, int[] requestSizes, CancellationToken cancellationToken)
    {
        using StowLoad load = new(target, CtTemplate.Create(frames: 1), InstancesPerStudy);
        long firstIndex = 0;
        await load.RunAsync(
            new LoadPlan(2, Math.Min(WarmUpRequests, instances), target.Limit), firstIndex, 1, isChunked: false, cancellationToken);
        firstIndex += InstancesPerStudy;
        foreach (int perRequest in requestSizes)
        {
            foreach (int clients in clientCounts)
            {
                int requests = Math.Max(instances / perRequest, 1);
                LoadOutcome outcome = await load.RunAsync(
                    new LoadPlan(clients, requests, target.Limit), firstIndex, perRequest, isChunked: false, cancellationToken);
                Report(outcome, clients, perRequest);

                // The next measurement begins with a study that has no instance yet.
                long stored = (long)requests * perRequest;
                firstIndex += (stored + InstancesPerStudy - 1) / InstancesPerStudy * InstancesPerStudy;
            }
        }

        return 0;
    }

    private void Report(LoadOutcome outcome, int clients, int perRequest)
    {
        string note = string.Create(CultureInfo.InvariantCulture, $"{outcome.Completed * perRequest} instances");
        target.Report(Name, FigureNames.StowRate(clients, perRequest), outcome.PerSecond * perRequest, "/s", outcome, note);
        target.Report(Name, FigureNames.StowLatency("p50", clients, perRequest), outcome.Percentile(0.50), "ms", outcome);
        target.Report(Name, FigureNames.StowLatency("p99", clients, perRequest), outcome.Percentile(0.99), "ms", outcome);
    }
}
