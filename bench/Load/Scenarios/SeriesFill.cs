using System.CommandLine;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Running;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Stores the series of CT instances that the retrieving scenarios read.</summary>
public static class SeriesFill
{
    private const int Clients = 4;
    private const int PerRequest = 10;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    public static Command CreateCommand()
    {
        ServerOptions server = new();
        Option<int> instances = new("--instances")
        {
            Description = "Instances of the series, a multiple of 10",
            DefaultValueFactory = _ => 1000
        };
        Command command = new("fill", "Stores one series of CT instances for the scenarios metadata and wado") { instances };
        server.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(server.Read(parsed), parsed.GetValue(instances), cancellationToken));
        return command;
    }

    public static string StudyPath(int run) => $"/studies/{BenchUid.Format(BenchUid.Study, run, 0)}";

    public static string SeriesPath(int run) => $"{StudyPath(run)}/series/{BenchUid.Format(BenchUid.Series, run, 0)}";

    private static async Task<int> RunAsync(ServerTarget target, int instances, CancellationToken cancellationToken)
    {
        using StowLoad load = new(target, CtTemplate.Create(frames: 1), instances);
        await load.FillAsync(instances, Clients, PerRequest, Limit, cancellationToken);
        return 0;
    }
}
