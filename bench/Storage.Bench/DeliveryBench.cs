using System.Diagnostics;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sqlite;
using ImagingIngestion.Storage.TestKit;

namespace ImagingIngestion.Storage.Bench;

/// <summary>Measures the calls of the delivery queue while many deliveries of a dead target wait.</summary>
internal static class DeliveryBench
{
    private const int EventsPerStudy = 500;
    private const int FanOutSize = 500;
    private const int ClaimSize = 64;
    private const int Runs = 200;

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    public static async Task<int> RunAsync(int instances, CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("imaging-bench-").FullName;
        try
        {
            await MeasureAsync(
                Path.Combine(folder, "newest.db"),
                new BindingDefinition { Name = "newest", Kind = "stow", Types = [EventType.DicomAvailable] },
                instances,
                cancellationToken);
            await MeasureAsync(
                Path.Combine(folder, "every.db"),
                new BindingDefinition { Name = "every", Kind = "webhook", Types = EventTypes.All, KeepsEveryEvent = true },
                instances,
                cancellationToken);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string path, BindingDefinition binding, int instances, CancellationToken cancellationToken)
    {
        await using SqliteManifestStore store = SqliteManifestStore.Open(path, TimeProvider.System);
        await store.Deliveries.RegisterAsync(binding, cancellationToken);
        await EmitAsync(store, instances, cancellationToken);
        Console.WriteLine($"{binding.Name}: {instances} instances, two events each");

        IDeliveryQueue queue = store.Deliveries;
        await ReportAsync(
            $"fan-out of {FanOutSize} events",
            int.MaxValue,
            async token => (await queue.FanOutAsync(binding, FanOutSize, token)).HasMore,
            cancellationToken);
        await ReportAsync(
            "fan-out of nothing", Runs, async token => !(await queue.FanOutAsync(binding, FanOutSize, token)).HasMore, cancellationToken);
        await MeasureClaimsAsync(queue, binding, cancellationToken);
        BindingStatus status = (await store.Bindings.ListAsync(cancellationToken))[0];
        await ReportAsync(
            $"list with {status.Waiting} waiting",
            20,
            async token => (await store.Bindings.ListAsync(token)).Count == 1,
            cancellationToken);
        await ReportAsync("removal of the binding", 1, token => store.Bindings.RemoveAsync(binding.Name, token), cancellationToken);
    }

    /// <summary>Measures claims for a dead target: all but a few deliveries finally wait for a later attempt.</summary>
    private static async Task MeasureClaimsAsync(IDeliveryQueue queue, BindingDefinition binding, CancellationToken cancellationToken)
    {
        Queue<IReadOnlyList<Delivery>> batches = new();
        await ReportAsync(
            $"claim of {ClaimSize}",
            Runs,
            async token =>
            {
                batches.Enqueue((await queue.ClaimAsync(binding.Name, "bench", Lease, ClaimSize, token)).Deliveries);
                return batches.Last().Count == ClaimSize;
            },
            cancellationToken);
        await ReportAsync(
            $"settling {ClaimSize}",
            batches.Count,
            async token =>
            {
                await SettleAsync(
                    queue, batches.Dequeue(), batches.Count % 2 == 0 ? DeliveryOutcome.Delivered : DeliveryOutcome.Retry, token);
                return true;
            },
            cancellationToken);
        while ((await queue.ClaimAsync(binding.Name, "bench", Lease, 1000, cancellationToken)).Deliveries is { Count: > 0 } rest)
        {
            await SettleAsync(queue, rest, DeliveryOutcome.Retry, cancellationToken);
        }

        await ReportAsync(
            "claim while all are due later",
            Runs,
            async token => (await queue.ClaimAsync(binding.Name, "bench", Lease, ClaimSize, token)).Deliveries.Count == 0,
            cancellationToken);
    }

    private static Task SettleAsync(
        IDeliveryQueue queue, IEnumerable<Delivery> deliveries, DeliveryOutcome outcome, CancellationToken cancellationToken)
        => queue.SettleAsync([.. deliveries.Select(delivery => new DeliverySettlement(delivery, outcome, Lease))], cancellationToken);

    private static async Task EmitAsync(SqliteManifestStore store, int instances, CancellationToken cancellationToken)
    {
        for (int written = 0; written < instances; written += EventsPerStudy)
        {
            SampleStudy study = new();
            SeriesInstanceUid series = study.Series();
            EventDraft[] available = [.. Enumerable.Range(0, EventsPerStudy).Select(_ => new EventDraft
            {
                Type = EventType.DicomAvailable,
                Instance = new InstanceId(series, new SopInstanceUid(SampleStudy.NewUid())),
                Change = ChangeKind.Addition,
                Modalities = ["CT"],
                CallingAeTitle = "CT1",
                Object = SampleStudy.NewObject(),
            })];
            IEnumerable<EventDraft> both = available.SelectMany(draft => new[] { draft with { Type = EventType.ImageStored }, draft });
            await store.CommitAsync([study.Change() with { Events = [.. both] }], cancellationToken);
        }
    }

    /// <summary>Repeats until the action returns false, at most this number of times.</summary>
    private static async Task ReportAsync(
        string title, int runs, Func<CancellationToken, Task<bool>> action, CancellationToken cancellationToken)
    {
        List<double> times = [];
        for (bool goesOn = true; goesOn && times.Count < runs;)
        {
            long start = Stopwatch.GetTimestamp();
            goesOn = await action(cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        Console.WriteLine(
            $"  {title,-32} {times.Count,4} runs  p50 {times[times.Count / 2],7:0.00} ms  p99 {times[times.Count * 99 / 100],7:0.00} ms");
    }
}
