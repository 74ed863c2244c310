using System.CommandLine;
using System.CommandLine.Parsing;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Results;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>The command line options that the scenarios share.</summary>
public sealed class ServerOptions
{
    public Option<Uri> Url { get; } = UrlOption("DICOMweb root of the server, for instance http://127.0.0.1:8080/dicom-web, or "
        + "dicom://127.0.0.1:11112/TITLE where it is called by DIMSE");

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

    public Option<int> Seconds { get; } = new(
        "--seconds") { Description = "The longest time of one measurement", DefaultValueFactory = _ => 30 };

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

        argument.AddError("--url and --other need an absolute URL of this machine: a load generator sends to nobody else");
        return null;
    }
}
