using System.CommandLine;
using System.Globalization;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Running;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Measures resident memory of a server during simultaneous uploads of large instances.</summary>
public sealed class MemoryScenario(ServerTarget target, int processId, string work)
{
    private const string Name = "memory";
    private const long Megabyte = 1_000_000;
    private const long SpareBytes = 2_000 * Megabyte;

    public static Command CreateCommand()
    {
        ServerOptions server = new();
        Option<int> process = new("--pid") { Description = "Process id of the server", Required = true };
        Option<string> work = new("--work")
        {
            Description = "Folder on the server's disk, to see whether the uploads fit",
            Required = true
        };
        Option<int> size = new("--size")
        {
            Description = "Megabytes of an instance (a multiple of 512 KB is taken)",
            DefaultValueFactory = _ => 500
        };
        Option<int> count = new("--count") { Description = "Uploads at once", DefaultValueFactory = _ => 32 };
        Option<bool> chunked = new("--chunked") { Description = "Send without Content-Length" };
        Command command = new(Name, "Peak resident memory while large uploads run") { process, work, size, count, chunked };
        server.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            MemoryScenario scenario = new(server.Read(parsed), parsed.GetRequiredValue(process), parsed.GetRequiredValue(work));
            return scenario.RunAsync(parsed.GetValue(size), parsed.GetValue(count), parsed.GetValue(chunked), cancellationToken);
        });
        return command;
    }

    public async Task<int> RunAsync(int size, int count, bool isChunked, CancellationToken cancellationToken)
    {
        InstanceTemplate template = CtTemplate.Create((int)Math.Max(size * Megabyte / CtTemplate.FrameBytes, 1));
        long needed = (template.TotalLength * count) + SpareBytes;
        long free = new DriveInfo(Path.GetFullPath(work)).AvailableFreeSpace;
        if (free < needed)
        {
            throw new LoadException(string.Create(
                CultureInfo.InvariantCulture,
                $"the uploads need {needed / Megabyte} MB of disk and {free / Megabyte} MB are free; give --count or --size"));
        }

        double before = ProcessStatus.ResidentMb(processId);
        LoadPlan plan = new(count, count, target.Limit);
        LoadOutcome outcome = target.IsDimse
            ? await StoreAsync(template, plan, cancellationToken)
            : await StowAsync(template, plan, isChunked, cancellationToken);
        double peak = ProcessStatus.PeakMb(processId);

        string note = string.Create(
            CultureInfo.InvariantCulture,
            $"{outcome.Completed} × {size} MB at {outcome.PerSecond * template.TotalLength / Megabyte:F0} MB/s");
        target.Report(Name, FigureNames.MemoryBefore, before, "MB");
        target.Report(
            Name,
            target.IsDimse ? FigureNames.MemoryPeakStore : isChunked ? FigureNames.MemoryPeakChunked : FigureNames.MemoryPeakLength,
            peak,
            "MB",
            outcome,
            note);
        return outcome.Failures == 0 ? 0 : 1;
    }

    private async Task<LoadOutcome> StowAsync(InstanceTemplate template, LoadPlan plan, bool isChunked, CancellationToken cancellationToken)
    {
        using StowLoad load = new(target, template, instancesPerStudy: 1);
        return await load.RunAsync(plan, 0, perRequest: 1, isChunked, cancellationToken);
    }

    private async Task<LoadOutcome> StoreAsync(InstanceTemplate template, LoadPlan plan, CancellationToken cancellationToken)
    {
        await using DimseLoad load = await DimseLoad.ConnectAsync(target, template, instancesPerStudy: 1, plan.Clients, cancellationToken);
        return await load.RunAsync(plan, 0, cancellationToken);
    }
}
