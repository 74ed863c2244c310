using System.CommandLine;
using System.Globalization;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Running;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Measures resident memory of a server while many clients read one instance with a header of 30 MB at once.</summary>
public sealed class HeaderReadScenario(ServerTarget target, int processId)
{
    public const string Name = "reads";

    private const string Json = "application/dicom+json";

    public static Command CreateCommand()
    {
        ServerOptions server = new();
        Option<int> process = new("--pid") { Description = "Process id of the server", Required = true };
        Option<int> clients = new("--clients") { Description = "Requests at once", DefaultValueFactory = _ => 24 };
        Option<HeaderRead> kind = new("--kind") { Description = "What is asked for", Required = true };
        Command command = new(Name, "Peak resident memory while a large header is read") { process, clients, kind };
        server.AddTo(command);
        command.SetAction((parsed, cancellationToken) => new HeaderReadScenario(server.Read(parsed), parsed.GetRequiredValue(process))
            .RunAsync(parsed.GetRequiredValue(kind), parsed.GetValue(clients), cancellationToken));
        return command;
    }

    public async Task<int> RunAsync(HeaderRead kind, int clients, CancellationToken cancellationToken)
    {
        LargeHeaderFile file = LargeHeaderFile.Create(target.Run, isImplicit: kind == HeaderRead.Transcoded);
        using DicomWebClient client = target.CreateClient();
        await client.StoreFileAsync(file.ToArray(), cancellationToken);
        double stored = ProcessStatus.PeakMb(processId);
        (string path, string accept) = kind switch
        {
            HeaderRead.Json => (file.Path + "/metadata", Json),
            HeaderRead.Xml => (file.Path + "/metadata", "multipart/related; type=\"application/dicom+xml\""),
            HeaderRead.Search => ($"/instances?SOPInstanceUID={file.Instance}&includefield=all", Json),
            _ => (file.Path, "application/dicom; transfer-syntax=1.2.840.10008.1.2.1"),
        };

        LoadOutcome outcome = await LoadRunner.RunAsync(
            new LoadPlan(clients, clients, target.Limit), (_, _, token) => client.DrainAsync(path, accept, null, token), cancellationToken);
        string note = string.Create(
            CultureInfo.InvariantCulture,
            $"{clients} requests at once, {outcome.Failures} told to come later; {stored:F0} MB after the store");
        target.Report(Name, FigureNames.HeaderReadPeak(kind), ProcessStatus.PeakMb(processId), "MB", note);
        return 0;
    }
}

/// <summary>The way in which a large header is read.</summary>
public enum HeaderRead
{
    /// <summary><c>/metadata</c> in JSON.</summary>
    Json,

    /// <summary><c>/metadata</c> in XML.</summary>
    Xml,

    /// <summary>A search with <c>includefield=all</c>.</summary>
    Search,

    /// <summary>The instance in another transfer syntax.</summary>
    Transcoded,
}
