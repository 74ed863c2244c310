using System.CommandLine;

namespace ImagingIngestion.Gateways;

/// <summary>The command that compares manifest and objects, and arms the sweeper again.</summary>
internal static class CheckCommand
{
    private static readonly Option<bool> Arm = new("--arm")
    {
        Description = "Arms the sweeper: from then on, objects that the manifest does not name are deleted when they are old enough.",
    };

    /// <param name="settings">The options that say where the stores are, by name.</param>
    /// <param name="run">Checks with these options, and arms where that is asked for.</param>
    public static Command Create(IReadOnlyList<(string Name, Option<string> Option)> settings, Func<IReadOnlyDictionary<string, string?>, bool, CancellationToken, Task<int>> run)
    {
        Command check = new("check", "Lists objects that the manifest names and that are missing, and objects that nobody names. The servers may run meanwhile.");
        foreach ((string _, Option<string> option) in settings)
        {
            check.Options.Add(option);
        }

        check.Options.Add(Arm);
        check.SetAction((parsed, token) => run(settings.ToDictionary(row => row.Name, row => parsed.GetValue(row.Option)), parsed.GetValue(Arm), token));
        return check;
    }
}
