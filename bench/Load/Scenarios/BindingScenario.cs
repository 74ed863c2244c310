using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Running;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Stores instances in a server whose bindings deliver to a sink in this process.</summary>
/// <remarks>
/// It measures how much they slow ingest, the delivery rate, and the delay after the event. The server must be started with that many
/// bindings to <c>http://127.0.0.1:&lt;sink port&gt;/…</c>.
/// </remarks>
public sealed class BindingScenario(ServerTarget target, int bindings, string kind, int instances, int backlog)
{
    private const string Name = "bindings";
    private const string Stow = "STOW";
    private const int InstancesPerStudy = 100;
    private const int WarmUp = 3000;
    private const int BacklogClients = 8;
    private const int BacklogPerRequest = 100;
    private const int QuietPolls = 60;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    public static Command CreateCommand()
    {
        ServerOptions server = new();
        Option<int> bindings = new("--bindings")
        {
            Description = "Bindings that the server has, all of one kind, each with a path of its own",
            DefaultValueFactory = _ => 0
        };
        Option<string> kind = new("--kind")
        {
            Description = "webhook (one request an instance) or STOW (all bytes)",
            DefaultValueFactory = _ => "webhook"
        };
        Option<int> port = new("--sink-port") { Description = "Port on which the bindings' targets listen", Required = true };
        Option<int> clients = new("--clients") { Description = "Clients at once", DefaultValueFactory = _ => 4 };
        Option<int> instances = new("--instances") { Description = "Instances to store", DefaultValueFactory = _ => 2000 };
        Option<int> backlog = new("--backlog")
        {
            Description = "Small instances to store before, for a binding whose target is dead; a multiple of 100"
        };
        Command command = new(Name, "Ingest rate beside bindings, deliveries per second, time from event to delivery")
        {
            bindings,
            kind,
            port,
            clients,
            instances,
            backlog
        };
        server.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
            new BindingScenario(
                server.Read(parsed),
                parsed.GetValue(bindings),
                parsed.GetRequiredValue(kind),
                parsed.GetValue(instances),
                parsed.GetValue(backlog))
                .RunAsync(parsed.GetValue(port), parsed.GetValue(clients), cancellationToken));
        return command;
    }

    public async Task<int> RunAsync(int port, int clients, CancellationToken cancellationToken)
    {
        await using DeliverySink sink = await DeliverySink.StartAsync(port, cancellationToken);
        InstanceTemplate template = CtTemplate.Create(frames: 1);
        await StoreBacklogAsync(sink, cancellationToken);
        using StowLoad load = new(target, template, InstancesPerStudy);
        await load.RunAsync(new LoadPlan(clients, WarmUp, target.Limit), 0, perRequest: 1, isChunked: false, cancellationToken);
        await WaitForAsync(sink, template, WarmUp, cancellationToken);
        sink.TakeLatencies();

        long began = Stopwatch.GetTimestamp();
        LoadOutcome stored =
            await load.RunAsync(new LoadPlan(clients, instances, target.Limit), WarmUp, perRequest: 1, isChunked: false, cancellationToken);
        target.Report(
            Name,
            FigureNames.IngestRate(bindings, kind),
            stored.PerSecond,
            "/s",
            stored,
            string.Create(CultureInfo.InvariantCulture, $"{clients} clients × 1, 512 KB"));
        if (bindings > 0)
        {
            await WaitForAsync(sink, template, WarmUp + stored.Completed, cancellationToken);
            Report(sink, began, stored.Completed);
        }

        return stored.Failures == 0 ? 0 : 1;
    }

    /// <summary>Stores the backlog of a dead target, and waits for the live ones.</summary>
    private async Task StoreBacklogAsync(DeliverySink sink, CancellationToken cancellationToken)
    {
        if (backlog == 0)
        {
            return;
        }

        ServerTarget other = target with { Run = (target.Run + 1) % BenchUid.RunEnd };
        using StowLoad load = new(other, TinyTemplate.Create(), BacklogPerRequest);
        LoadOutcome fill = await load.FillAsync(backlog, BacklogClients, BacklogPerRequest, target.Limit, cancellationToken);
        target.Report(Name, FigureNames.IngestRate(bindings, $"small, {kind}"), fill.PerSecond * BacklogPerRequest, "/s");
        using PeriodicTimer timer = new(Poll);
        long last = -1;
        for (int quiet = 0; quiet < QuietPolls; quiet++)
        {
            long now = sink.Counts.Sum(count => count.Requests);
            quiet = now == last ? quiet : 0;
            last = now;
            await timer.WaitForNextTickAsync(cancellationToken);
        }

        sink.Restart();
    }

    private void Report(DeliverySink sink, long began, long delivered)
    {
        double seconds = Stopwatch.GetElapsedTime(began, sink.Counts.Max(count => count.Last)).TotalSeconds;
        target.Report(
            Name, FigureNames.DeliveryRate(bindings, kind), delivered / seconds, "/s", "from the first store to the last delivery");
        double[] latencies = sink.TakeLatencies();
        if (latencies.Length > 0)
        {
            LoadOutcome outcome = new(TimeSpan.FromSeconds(seconds), latencies, 0, null);
            target.Report(Name, FigureNames.DeliveryLatency("p50", bindings, kind), outcome.Percentile(0.50), "ms");
            target.Report(Name, FigureNames.DeliveryLatency("p99", bindings, kind), outcome.Percentile(0.99), "ms");
        }
    }

    /// <summary>Waits until the target of every binding has received this number of instances.</summary>
    private async Task WaitForAsync(DeliverySink sink, InstanceTemplate template, long expected, CancellationToken cancellationToken)
    {
        long began = Stopwatch.GetTimestamp();
        using PeriodicTimer timer = new(Poll);
        while (sink.Counts.Count(count => Instances(count, template) >= expected) < bindings)
        {
            if (Stopwatch.GetElapsedTime(began) > target.Limit)
            {
                throw new LoadException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"the bindings delivered too little within {target.Limit.TotalSeconds} s: {string.Join(", ", sink.Counts)}"));
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private long Instances(SinkCount count, InstanceTemplate template)
        => kind == Stow ? count.Bytes / template.TotalLength : count.Requests;
}
