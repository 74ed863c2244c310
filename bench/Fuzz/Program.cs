using System.CommandLine;
using ImagingIngestion.Fuzz;

Option<int> count = new("--count") { Description = "Inputs to try.", DefaultValueFactory = _ => 200_000 };
Option<int> seed = new("--seed") { Description = "Another seed makes other inputs.", DefaultValueFactory = _ => 1 };
Option<int> only = new("--only") { Description = "Try this one input alone.", DefaultValueFactory = _ => -1 };
RootCommand command = new("Feeds damaged DICOM files to the parser until one of them breaks it. DICOM_CORPUS adds a folder of files to damage.") { count, seed, only };
command.SetAction(parsed => FuzzCommand.Run(parsed.GetValue(count), parsed.GetValue(seed), parsed.GetValue(only)));
return command.Parse(args).Invoke();
