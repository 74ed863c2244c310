using System.CommandLine;
using ImagingIngestion.Load.Results;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Prints the table of what a results file holds.</summary>
public static class TableCommand
{
    public static Command Create()
    {
        Argument<string> file = new("file") { Description = "File that --results wrote" };
        Command command = new("table", "Prints collected results as a Markdown table") { file };
        command.SetAction(parsed =>
        {
            Console.Write(ResultTable.Format(ResultLog.Read(parsed.GetRequiredValue(file))));
            return 0;
        });
        return command;
    }
}
