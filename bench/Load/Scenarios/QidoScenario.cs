using System.CommandLine;
using System.Globalization;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Running;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>QIDO-RS pages of 100 out of many studies, which it first stores.</summary>
public sealed class QidoScenario(ServerTarget target, int studies)
{
    private const string Name = "qido";
    private const int FillClients = 8;
    private const int FillPerRequest = 100;
    private const int WarmUp = 20;

    public static Command CreateCommand()
    {
        ServerOptions server = new();
        Option<int> studies = new("--studies") { Description = "Studies to store, a multiple of 100", DefaultValueFactory = _ => 100_000 };
        Option<int> fillSeconds = new("--fill-seconds") { Description = "The longest time of the fill", DefaultValueFactory = _ => 1800 };
        Option<int> requests = new("--requests") { Description = "The most searches of one measurement", DefaultValueFactory = _ => 500 };
        Option<int[]> clients = new(
            "--clients") { Description = "Clients at once", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 8] };
        Command command = new(Name, "QIDO-RS latency of pages of 100 studies") { studies, fillSeconds, requests, clients };
        server.AddTo(command);
        command.SetAction((parsed, cancellationToken) => new QidoScenario(server.Read(parsed), parsed.GetValue(studies)).RunAsync(
            TimeSpan.FromSeconds(parsed.GetValue(fillSeconds)),
            parsed.GetValue(requests),
            parsed.GetRequiredValue(clients),
            cancellationToken));
        return command;
    }

    public async Task<int> RunAsync(TimeSpan fillLimit, int requests, int[] clientCounts, CancellationToken cancellationToken)
    {
        using StowLoad load = new(target, TinyTemplate.Create(), instancesPerStudy: 1);
        LoadOutcome fill = await load.FillAsync(studies, FillClients, FillPerRequest, fillLimit, cancellationToken);
        target.Report(
            Name,
            FigureNames.FillRate,
            fill.PerSecond * FillPerRequest,
            "/s",
            string.Create(CultureInfo.InvariantCulture, $"{studies} studies"));

        using DicomWebClient client = target.CreateClient();
        foreach ((string search, QidoSearch[] variants) in QidoSearch.Create(studies))
        {
            await LoadRunner.RunAsync(new LoadPlan(1, Math.Min(WarmUp, requests), target.Limit / 4), FindAsync, cancellationToken);
            foreach (int clients in clientCounts)
            {
                Report(
                    search,
                    clients,
                    await LoadRunner.RunAsync(new LoadPlan(clients, requests, target.Limit), FindAsync, cancellationToken));
            }

            async Task FindAsync(int _, long index, CancellationToken token)
            {
                QidoSearch one = variants[index % variants.Length];
                int found = await client.CountItemsAsync(one.Path, token);
                if (found != one.Expected)
                {
                    throw new LoadException(
                        string.Create(CultureInfo.InvariantCulture, $"{search} found {found} studies instead of {one.Expected}"));
                }
            }
        }

        return 0;
    }

    private void Report(string search, int clients, LoadOutcome outcome)
    {
        string note = string.Create(CultureInfo.InvariantCulture, $"{outcome.Completed} requests, {studies} studies");
        target.Report(Name, FigureNames.QidoLatency("p50", search, clients), outcome.Percentile(0.50), "ms", outcome, note);
        target.Report(Name, FigureNames.QidoLatency("p99", search, clients), outcome.Percentile(0.99), "ms", outcome);
    }
}
