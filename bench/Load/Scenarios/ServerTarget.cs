using System.CommandLine;
using System.CommandLine.Parsing;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Running;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>The server that a scenario measures, and the log of its figures.</summary>
/// <param name="Url">DICOMweb root, or <c>dicom://host:port/title</c>.</param>
/// <param name="Name">Column of the table.</param>
/// <param name="Run">Number in the UIDs.</param>
/// <param name="Limit">The longest time of one measurement.</param>
/// <param name="Log">The log of the figures.</param>
public sealed record ServerTarget(Uri Url, string Name, int Run, TimeSpan Limit, ResultLog Log)
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromMinutes(30);

    /// <summary>The scenario of all figures; null for the one that measures them.</summary>
    public string? Scenario { get; init; }

    /// <summary>The URL names a port and a called AE title rather than a DICOMweb root.</summary>
    public bool IsDimse => Url.Scheme == "dicom";

    /// <summary>Opens an association with one presentation context; its operations may take long.</summary>
    public Task<Association> AssociateAsync(string sopClassUid, CancellationToken cancellationToken)
    {
        AssociationOptions options = new() { ResponseTimeout = RequestTimeout, SendTimeout = RequestTimeout };
        AssociationRequestor requestor = new(options, TimeProvider.System, NullLogger<AssociationRequestor>.Instance);
        DimsePeer peer = new() { AeTitle = new AeTitle(Url.AbsolutePath.Trim('/')), Host = Url.Host, Port = Url.Port };
        AssociationRequest request = new()
        {
            CallingAeTitle = new AeTitle("BENCH"),
            CalledAeTitle = peer.AeTitle,
            PresentationContexts = [new ProposedContext(1, sopClassUid, [TransferSyntax.ExplicitVRLittleEndian.Uid])],
        };
        return requestor.RequestAsync(peer, request, cancellationToken);
    }

    public DicomWebClient CreateClient() => new(Url, RequestTimeout);

    public void Report(string scenario, string figure, double value, string unit, string note = "")
        => Log.Add(new ResultRow(Scenario ?? scenario, figure, Name, value, unit, 0, note));

    /// <summary>Reports a figure of an outcome, with its failures.</summary>
    public void Report(string scenario, string figure, double value, string unit, LoadOutcome outcome, string note = "")
        => Log.Add(new ResultRow(Scenario ?? scenario, figure, Name, value, unit, outcome.Failures, outcome.Failures == 0
            ? note
            : $"{note} ({outcome.FailureNote})"));
}

/// <summary>The command line options that the scenarios share.</summary>
public sealed class ServerOptions
{
    public Option<Uri> Url { get; } = UrlOption("DICOMweb root of the server, for instance http://127.0.0.1:8080/dicom-web, or "
        + "dicom://127.0.0.1:11112/TITLE for DIMSE");

    public Option<string> Target { get; } = new("--target")
    {
        Description = "Whose figures these are: ours, orthanc, nginx or storescp",
        DefaultValueFactory = _ => TargetNames.Ours
    };

    public Option<int> Run { get; } = new("--run")
    {
        Description = "Number that makes the UIDs of this run unique, 0 to 999999; the same number makes the same UIDs",
        DefaultValueFactory = _ => Random.Shared.Next(BenchUid.RunEnd),
    };

    public Option<int> Seconds { get; } = new("--seconds")
    {
        Description = "The longest time of one measurement",
        DefaultValueFactory = _ => 30
    };

    public Option<string?> Scenario { get; } = new("--as")
    {
        Description = "Scenario under which the figures stand, where it is not the command"
    };

    public Option<string?> Results { get; } = ResultsOption();

    public static Option<Uri> UrlOption(string description)
        => new("--url") { Description = description, Required = true, CustomParser = ParseUrl };

    public static Option<Uri?> OtherUrlOption(string description) => new("--other") { Description = description, CustomParser = ParseUrl };

    public static Option<string?> ResultsOption() => new("--results") { Description = "File to which each figure is appended" };

    public void AddTo(Command command)
    {
        command.Options.Add(Url);
        command.Options.Add(Target);
        command.Options.Add(Run);
        command.Options.Add(Seconds);
        command.Options.Add(Scenario);
        command.Options.Add(Results);
    }

    public ServerTarget Read(ParseResult parsed) => new(
        parsed.GetRequiredValue(Url),
        parsed.GetRequiredValue(Target),
        parsed.GetValue(Run) % BenchUid.RunEnd,
        TimeSpan.FromSeconds(parsed.GetValue(Seconds)),
        new ResultLog(parsed.GetValue(Results))) { Scenario = parsed.GetValue(Scenario) };

    private static Uri? ParseUrl(ArgumentResult argument)
    {
        if (argument.Tokens.Count == 1 && Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out Uri? url) && url.IsLoopback)
        {
            return url;
        }

        argument.AddError("--url and --other need an absolute URL of this machine: a load generator sends to no other machine");
        return null;
    }
}
