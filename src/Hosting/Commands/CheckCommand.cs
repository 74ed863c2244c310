using System.CommandLine;

namespace ImagingIngestion.Hosting.Commands;

/// <summary>The command that compares manifest and objects, verifies the objects, and arms the sweeper.</summary>
public static class CheckCommand
{
    private const int DefaultRate = 100;
    private const int MaxRate = 1 << 20;

    private static readonly Option<bool> Arm = new("--arm")
    {
        Description = "Arms the sweeper: from then on, objects that the manifest does not name are deleted when they are old enough.",
    };

    private static readonly Option<bool> Content = new("--content")
    {
        Description = "Reads and verifies every object: flags those that are damaged, takes the flag from those that are good again, and "
            + "gives a checksum to rows that have none. Continues where an earlier run was stopped.",
    };

    private static readonly Option<bool> Restart = new("--restart")
    {
        Description = "With --content: starts over instead of continuing an earlier run."
    };

    private static readonly Option<int> Rate = new("--rate")
    {
        Description = $"With --content: MiB a second to read at most; 0 for no limit. Default: {DefaultRate}",
        DefaultValueFactory = _ => DefaultRate,
        HelpName = "MiB",
    };

    static CheckCommand()
        => Rate.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > MaxRate)
            {
                result.AddError($"--rate must be a number of MiB a second from 0 to {MaxRate}.");
            }
        });

    /// <param name="settings">The options that locate the stores.</param>
    /// <param name="run">Runs the check with these options and this order.</param>
    public static Command Create(
        IReadOnlyList<Option<string>> settings,
        Func<IReadOnlyDictionary<string, string?>, CheckOrder, CancellationToken, Task<int>> run)
    {
        Command check = new("check", "Lists objects that the manifest names and that are missing or damaged, and objects that no row "
            + "names. The servers may run meanwhile.");
        foreach (Option<string> option in settings)
        {
            check.Options.Add(option);
        }

        foreach (Option option in (Option[])[Arm, Content, Restart, Rate])
        {
            check.Options.Add(option);
        }

        check.SetAction((parsed, token) => run(
            settings.ToDictionary(option => option.Name, option => parsed.GetValue(option)),
            new CheckOrder(parsed.GetValue(Arm), parsed.GetValue(Content), parsed.GetValue(Restart), (long)parsed.GetValue(Rate) << 20),
            token));
        return check;
    }
}

/// <summary>What a check does besides comparing lists.</summary>
/// <param name="Arms">Arms the sweeper afterwards.</param>
/// <param name="ReadsContent">Reads and verifies every object.</param>
/// <param name="Restarts">Begins again where an earlier run was stopped.</param>
/// <param name="BytesPerSecond">The most bytes to read; 0 for no limit.</param>
public sealed record CheckOrder(bool Arms, bool ReadsContent, bool Restarts, long BytesPerSecond);
