using System.CommandLine;
using System.Globalization;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Running;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Stores many small CT instances of one study, over one server or over two that share their stores.</summary>
/// <remarks>
/// With two servers, each changes the study while the other does. Afterwards every server must list exactly the instances that were
/// answered as stored.
/// </remarks>
public sealed class ContentionScenario(ServerTarget target, params ServerTarget[] others)
{
    private const string Name = "contention";
    private const string NumberOfStudyRelatedInstances = "00201208";
    private const int WarmUp = 200;
    private const int Page = 10_000;

    public static Command CreateCommand()
    {
        ServerOptions server = new();
        Option<Uri?> other = ServerOptions.OtherUrlOption(
            "DICOMweb root of another server on the same stores, to which every other client sends");
        Option<int> instances = new("--instances")
        {
            Description = "Instances of the study, at most 999,999",
            DefaultValueFactory = _ => 50_000
        };
        Option<int> clients = new("--clients")
        {
            Description = "Clients at once, of both servers together; each stores one instance a request",
            DefaultValueFactory = _ => 32
        };
        Command command = new(Name, "Instances per second of one study, over one server or two") { other, instances, clients };
        server.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            ServerTarget target = server.Read(parsed);
            ServerTarget[] others = parsed.GetValue(other) is { } url ? [target with { Url = url }] : [];
            return new ContentionScenario(target, others).RunAsync(parsed.GetValue(instances), parsed.GetValue(clients), cancellationToken);
        });
        return command;
    }

    public async Task<int> RunAsync(int instances, int clients, CancellationToken cancellationToken)
    {
        using StowLoad load = new(target, CtTemplate.Create(frames: 1, CtTemplate.SmallSide), instances, others);

        // Instances after the last one of the study belong to another study, which is not measured.
        await load.RunAsync(
            new LoadPlan(clients, Math.Min(WarmUp, instances), target.Limit),
            firstIndex: instances,
            perRequest: 1,
            isChunked: false,
            cancellationToken);
        LoadOutcome outcome = await load.RunAsync(
            new LoadPlan(clients, instances, target.Limit), firstIndex: 0, perRequest: 1, isChunked: false, cancellationToken);
        string note = string.Create(
            CultureInfo.InvariantCulture, $"{outcome.Completed} instances, {clients} clients, {others.Length + 1} processes");
        target.Report(Name, FigureNames.OneStudyRate, outcome.PerSecond, "/s", outcome, note);
        target.Report(Name, FigureNames.OneStudyLatency("p50"), outcome.Percentile(0.50), "ms", outcome);
        target.Report(Name, FigureNames.OneStudyLatency("p99"), outcome.Percentile(0.99), "ms", outcome);
        foreach (ServerTarget server in others.Prepend(target))
        {
            await CheckAsync(server, outcome, cancellationToken);
        }

        return outcome.Failures == 0 && outcome.Completed == instances ? 0 : 1;
    }

    /// <summary>Checks a server: every instance is there once, in rows and in the count of the study.</summary>
    /// <remarks>A failed one may be stored or not.</remarks>
    private static async Task CheckAsync(ServerTarget server, LoadOutcome outcome, CancellationToken cancellationToken)
    {
        using DicomWebClient client = server.CreateClient();
        string study = BenchUid.Format(BenchUid.Study, server.Run, 0);
        long told = await client.ReadNumberAsync(
            $"/studies?StudyInstanceUID={study}&includefield={NumberOfStudyRelatedInstances}",
            NumberOfStudyRelatedInstances,
            cancellationToken);
        long listed = 0;
        int page;
        do
        {
            page = await client.CountItemsAsync(
                string.Create(CultureInfo.InvariantCulture, $"/studies/{study}/instances?limit={Page}&offset={listed}"), cancellationToken);
            listed += page;
        }
        while (page == Page);

        if (told != listed || listed < outcome.Completed || listed > outcome.Completed + outcome.Failures)
        {
            throw new LoadException(string.Create(
                CultureInfo.InvariantCulture,
                $"{outcome.Completed} instances were answered as stored; the study tells {told} and lists {listed}"));
        }
    }
}
