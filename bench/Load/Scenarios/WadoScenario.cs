using System.CommandLine;
using System.Globalization;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Running;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Measures WADO-RS of a whole study that <c>fill</c> has stored, with the bytes as stored.</summary>
/// <remarks>For its limit, it reads one file of the same bytes from any HTTP server.</remarks>
public sealed class WadoScenario(ServerTarget target, int instances)
{
    private const string Name = "wado";
    private const string AsStored = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
    private const double Megabyte = 1_000_000;

    public static Command CreateCommand()
    {
        ServerOptions server = new();
        Option<int> instances = new("--instances") { Description = "Instances of the study", DefaultValueFactory = _ => 500 };
        Option<int> requests = new("--requests") { Description = "The most retrieves", DefaultValueFactory = _ => 8 };
        Option<string?> save = new("--save") { Description = "File to which the body of an unmeasured first retrieve is written" };
        Option<string?> path = new("--path") { Description = "Read this path below the URL instead of the study" };
        Command command = new(Name, "WADO-RS retrieve of one study") { instances, requests, save, path };
        server.AddTo(command);
        command.SetAction((parsed, cancellationToken) => new WadoScenario(server.Read(parsed), parsed.GetValue(instances))
            .RunAsync(parsed.GetValue(path), parsed.GetValue(save), parsed.GetValue(requests), cancellationToken));
        return command;
    }

    public async Task<int> RunAsync(string? filePath, string? saveAs, int requests, CancellationToken cancellationToken)
    {
        string path = filePath ?? SeriesFill.StudyPath(target.Run);
        using DicomWebClient client = target.CreateClient();
        long bytes;
        await using (Stream? copy = saveAs is null ? null : File.Create(saveAs))
        {
            bytes = await client.DrainAsync(path, AsStored, copy, cancellationToken);
        }

        long least = (long)instances * CtTemplate.FrameBytes;
        if (bytes < least)
        {
            throw new LoadException(string.Create(
                CultureInfo.InvariantCulture, $"the study came with {bytes} bytes, fewer than its {least} bytes of pixel data"));
        }

        LoadOutcome outcome = await LoadRunner.RunAsync(new LoadPlan(1, requests, target.Limit), ReadAsync, cancellationToken);
        string note = string.Create(
            CultureInfo.InvariantCulture, $"{instances} instances, {bytes / Megabyte:F0} MB, {outcome.Completed} times");
        target.Report(Name, FigureNames.StudyRate, outcome.PerSecond * bytes / Megabyte, "MB/s", outcome, note);
        return 0;

        async Task ReadAsync(int _, long index, CancellationToken token)
        {
            long read = await client.DrainAsync(path, AsStored, null, token);
            if (read < least)
            {
                throw new LoadException("a retrieve ended early");
            }
        }
    }
}
