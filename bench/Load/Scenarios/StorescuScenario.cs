using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Results;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Measures one association of DCMTK's storescu with 512 KB CT instances.</summary>
/// <remarks>Like many modalities, it leaves Nagle's algorithm on.</remarks>
public sealed class StorescuScenario(ServerTarget target, string work)
{
    private const string Name = "dimse";

    public static Command CreateCommand()
    {
        ServerOptions server = new();
        Option<string> work = new("--work") { Description = "Folder for the files to send", Required = true };
        Option<int> instances = new("--instances") { Description = "Files to send", DefaultValueFactory = _ => 300 };
        Command command = new("storescu", "Instances per second of one storescu") { work, instances };
        server.AddTo(command);
        command.SetAction((parsed, cancellationToken) => new StorescuScenario(server.Read(parsed), parsed.GetRequiredValue(work)).RunAsync(
            parsed.GetValue(instances), cancellationToken));
        return command;
    }

    public async Task<int> RunAsync(int instances, CancellationToken cancellationToken)
    {
        string folder = Path.Combine(Path.GetFullPath(work), "storescu");
        Directory.CreateDirectory(folder);
        InstanceWriter writer = new(CtTemplate.Create(frames: 1), target.Run, instancesPerStudy: 100);
        for (int index = 0; index < instances; index++)
        {
            await File.WriteAllBytesAsync(
                Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{index:D6}.dcm")),
                writer.ToFile(index),
                cancellationToken);
        }

        string[] arguments =
        [
            "+sd",
            "-aec",
            target.Url.AbsolutePath.Trim('/'),
            target.Url.Host,
            target.Url.Port.ToString(CultureInfo.InvariantCulture),
            folder
        ];
        long began = Stopwatch.GetTimestamp();
        using Process process =
            Process.Start(new ProcessStartInfo("storescu", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })
            ?? throw new LoadException("storescu does not start");
        string errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
        Directory.Delete(folder, recursive: true);
        if (process.ExitCode != 0)
        {
            throw new LoadException($"storescu ended with {process.ExitCode}: {errors.Trim()}");
        }

        target.Report(
            Name,
            FigureNames.StorescuRate,
            instances / elapsed.TotalSeconds,
            "/s",
            string.Create(CultureInfo.InvariantCulture, $"{instances} instances, its start included"));
        return 0;
    }
}
