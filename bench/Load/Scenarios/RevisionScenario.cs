using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Running;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Stores many studies of one small instance and reads their revisions from the change feed.</summary>
/// <remarks>
/// The server must be started with a revisioning delay longer than the fill, so that all are due before the first one settles.
/// </remarks>
public sealed class RevisionScenario(ServerTarget target, int studies)
{
    private const string Name = "revisions";
    private const int FillClients = 8;
    private const int FillPerRequest = 100;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    public static Command CreateCommand()
    {
        ServerOptions server = new();
        Option<int> studies = new("--studies") { Description = "Studies to store, a multiple of 100", DefaultValueFactory = _ => 10_000 };
        Command command = new(Name, "Revisions per second") { studies };
        server.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) => new RevisionScenario(server.Read(parsed), parsed.GetValue(studies)).RunAsync(cancellationToken));
        return command;
    }

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using StowLoad load = new(target, TinyTemplate.Create(), instancesPerStudy: 1);
        await load.FillAsync(studies, FillClients, FillPerRequest, target.Limit, cancellationToken);

        using HttpClient client = new() { BaseAddress = new Uri(target.Url.GetLeftPart(UriPartial.Authority)) };
        long began = Stopwatch.GetTimestamp();
        List<DateTimeOffset> times = [];
        long next = 0;
        using PeriodicTimer timer = new(Poll);
        while (times.Count < studies)
        {
            if (Stopwatch.GetElapsedTime(began) > target.Limit)
            {
                throw new LoadException(string.Create(
                    CultureInfo.InvariantCulture, $"only {times.Count} of {studies} revisions within {target.Limit.TotalSeconds} s"));
            }

            if (await ReadAsync(client, next, times, cancellationToken) is var read && read == next)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }

            next = read;
        }

        double seconds = (times.Max() - times.Min()).TotalSeconds;
        target.Report(
            Name,
            FigureNames.RevisionRate(studies),
            studies / seconds,
            "/s",
            string.Create(CultureInfo.InvariantCulture, $"from the first to the last in {seconds:F1} s"));
        return 0;
    }

    private static async Task<long> ReadAsync(
        HttpClient client, long after, List<DateTimeOffset> times, CancellationToken cancellationToken)
    {
        await using Stream body = await client.GetStreamAsync(
            string.Create(CultureInfo.InvariantCulture, $"/changefeed?after={after}&limit=1000&types=StudyRevisionEvent"),
            cancellationToken);
        using JsonDocument page = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        times.AddRange(
            page.RootElement.GetProperty("events").EnumerateArray().Select(logged => logged.GetProperty("time").GetDateTimeOffset()));
        return page.RootElement.GetProperty("next").GetInt64();
    }
}
