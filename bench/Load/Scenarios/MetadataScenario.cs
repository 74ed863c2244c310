using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Running;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Measures WADO-RS metadata of one series that <c>fill</c> has stored: the first request, and later ones.</summary>
public sealed class MetadataScenario(ServerTarget target, int instances)
{
    private const string Name = "metadata";
    private const string Json = "application/dicom+json";
    private const double Megabyte = 1_000_000;

    public static Command CreateCommand()
    {
        ServerOptions server = new();
        Option<int> instances = new("--instances") { Description = "Instances of the series", DefaultValueFactory = _ => 1000 };
        Option<int> requests = new("--requests") { Description = "The most warm requests", DefaultValueFactory = _ => 50 };
        Command command = new(Name, "WADO-RS metadata of one series") { instances, requests };
        server.AddTo(command);
        command.SetAction((parsed, cancellationToken) => new MetadataScenario(server.Read(parsed), parsed.GetValue(instances)).RunAsync(
            parsed.GetValue(requests), cancellationToken));
        return command;
    }

    public async Task<int> RunAsync(int requests, CancellationToken cancellationToken)
    {
        string path = $"{SeriesFill.SeriesPath(target.Run)}/metadata";
        using DicomWebClient client = target.CreateClient();
        long began = Stopwatch.GetTimestamp();
        long bytes = await client.DrainAsync(path, Json, null, cancellationToken);
        double cold = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        int found = await client.CountItemsAsync(path, cancellationToken);
        if (found != instances)
        {
            throw new LoadException(
                string.Create(CultureInfo.InvariantCulture, $"/metadata holds {found} instances instead of {instances}"));
        }

        LoadOutcome warm = await LoadRunner.RunAsync(new LoadPlan(1, requests, target.Limit), ReadAsync, cancellationToken);
        string note = string.Create(CultureInfo.InvariantCulture, $"{instances} instances, {bytes / Megabyte:F2} MB");
        target.Report(Name, FigureNames.MetadataCold, cold, "ms", note);
        target.Report(Name, FigureNames.MetadataWarm, warm.Percentile(0.50), "ms", warm);
        target.Report(Name, FigureNames.MetadataRate, warm.PerSecond * bytes / Megabyte, "MB/s", warm);
        return 0;

        async Task ReadAsync(int _, long index, CancellationToken token)
        {
            if (await client.DrainAsync(path, Json, null, token) != bytes)
            {
                throw new LoadException("/metadata changed its length between two requests");
            }
        }
    }
}
