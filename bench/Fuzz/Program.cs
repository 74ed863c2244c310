using System.CommandLine;
using ImagingIngestion.Fuzz;

Option<string> target = new("--target")
{
    Description = "What to feed: DICOM files, PDUs of an association, or DIMSE command sets.",
    DefaultValueFactory = _ => "files"
};
target.AcceptOnlyFromAmong([.. FuzzTarget.All.Select(one => one.Name)]);
Option<int> count = new("--count") { Description = "Inputs to try.", DefaultValueFactory = _ => 200_000 };
Option<int> seed = new("--seed") { Description = "Another seed makes other inputs.", DefaultValueFactory = _ => 1 };
Option<int> only = new("--only") { Description = "Try this one input alone.", DefaultValueFactory = _ => -1 };
RootCommand command = new("Feeds damaged DICOM files, PDUs or command sets to their parser until one of them breaks it. DICOM_CORPUS adds "
    + "a folder of files to damage.") { target, count, seed, only };
command.SetAction(parsed => FuzzCommand.Run(
    FuzzTarget.All.Single(one => one.Name == parsed.GetValue(target)),
    parsed.GetValue(count),
    parsed.GetValue(seed),
    parsed.GetValue(only)));
return command.Parse(args).Invoke();
