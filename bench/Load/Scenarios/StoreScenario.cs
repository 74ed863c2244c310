using System.CommandLine;
using System.Globalization;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Running;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Measures C-STORE of 512 KB CT instances: instances per second and the time of an operation, by associations.</summary>
public sealed class StoreScenario(ServerTarget target, int instances)
{
    private const string Name = "dimse";
    private const int InstancesPerStudy = 100;
    private const int WarmUpInstances = 100;

    public static Command CreateCommand()
    {
        ServerOptions server = new();
        Option<int[]> associations = new("--associations")
        {
            Description = "Associations at once",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [1, 8, 32]
        };
        Option<int> instances = new("--instances")
        {
            Description = "The most instances of one measurement",
            DefaultValueFactory = _ => 2000
        };
        Command command = new(Name, "C-STORE instances per second") { associations, instances };
        server.AddTo(command);
        command.SetAction((parsed, cancellationToken) => new StoreScenario(server.Read(parsed), parsed.GetValue(instances))
            .RunAsync(parsed.GetRequiredValue(associations), cancellationToken));
        return command;
    }

    public async Task<int> RunAsync(int[] counts, CancellationToken cancellationToken)
    {
        InstanceTemplate template = CtTemplate.Create(frames: 1);
        long firstIndex = 0;
        await MeasureAsync(template, 2, Math.Min(WarmUpInstances, instances), firstIndex, cancellationToken);
        firstIndex += InstancesPerStudy;
        foreach (int associations in counts)
        {
            LoadOutcome outcome = await MeasureAsync(template, associations, instances, firstIndex, cancellationToken);
            string note = string.Create(CultureInfo.InvariantCulture, $"{outcome.Completed} instances");
            target.Report(Name, FigureNames.StoreRate(associations), outcome.PerSecond, "/s", outcome, note);
            target.Report(Name, FigureNames.StoreLatency("p50", associations), outcome.Percentile(0.50), "ms", outcome);
            target.Report(Name, FigureNames.StoreLatency("p99", associations), outcome.Percentile(0.99), "ms", outcome);
            firstIndex += (instances + InstancesPerStudy - 1) / InstancesPerStudy * InstancesPerStudy;
        }

        return 0;
    }

    private async Task<LoadOutcome> MeasureAsync(
        InstanceTemplate template, int associations, int count, long firstIndex, CancellationToken cancellationToken)
    {
        await using DimseLoad load = await DimseLoad.ConnectAsync(target, template, InstancesPerStudy, associations, cancellationToken);
        return await load.RunAsync(new LoadPlan(associations, count, target.Limit), firstIndex, cancellationToken);
    }
}
