using System.CommandLine;

namespace ImagingIngestion.Hosting.Commands;

/// <summary>The commands for the bindings of a running server.</summary>
public static class BindingCommands
{
    private const string DefaultServer = "http://127.0.0.1:8080";

    private static readonly Option<string> Server = new("--server")
    {
        Description = "The server to ask. Default: " + DefaultServer,
        HelpName = "url",
        Recursive = true,
        DefaultValueFactory = _ => DefaultServer,
    };

    private static readonly Argument<string> Name = new("name") { Description = "The name of the binding." };
    private static readonly Argument<long> Id = new("id") { Description = "The id of the dead letter." };
    private static readonly Argument<long?> MaybeId = new(
        "id") { Description = "The id of the dead letter.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> All = new("--all") { Description = "All dead letters of the binding." };

    public static Command Create()
    {
        Command bindings = new("bindings", "Shows, pauses and removes the bindings of a running server.");
        bindings.Options.Add(Server);
        bindings.Subcommands.Add(Make("list", "Lists the bindings.", (_, client, token) => client.ListAsync(token)));
        bindings.Subcommands.Add(
            Make("show", "Shows a binding.", (parsed, client, token) => client.ShowAsync(parsed.GetRequiredValue(Name), token), Name));
        bindings.Subcommands.Add(Make(
            "pause",
            "Stops delivering; events are kept.",
            (parsed, client, token) => client.SetPausedAsync(parsed.GetRequiredValue(Name), true, token),
            Name));
        bindings.Subcommands.Add(Make(
            "resume",
            "Resumes delivering.",
            (parsed, client, token) => client.SetPausedAsync(parsed.GetRequiredValue(Name), false, token),
            Name));
        bindings.Subcommands.Add(Make(
            "remove",
            "Removes a binding that is no longer declared, with all its deliveries.",
            (parsed, client, token) => client.RemoveAsync(parsed.GetRequiredValue(Name), token),
            Name));
        bindings.Subcommands.Add(DeadLetters());
        return bindings;
    }

    private static Command DeadLetters()
    {
        Command letters = new("dead-letters", "Shows, replays and drops dead letters.");
        letters.Subcommands.Add(Make(
            "list",
            "Lists the dead letters of a binding.",
            (parsed, client, token) => client.ListDeadLettersAsync(parsed.GetRequiredValue(Name), token),
            Name));
        letters.Subcommands.Add(Make(
            "show",
            "Shows a dead letter.",
            (parsed, client, token) => client.ShowDeadLetterAsync(parsed.GetRequiredValue(Name), parsed.GetRequiredValue(Id), token),
            Name,
            Id));
        letters.Subcommands.Add(OneOrAll(
            "replay", "Delivers a dead letter again, or all of them.", (client, name, id, token) => client.ReplayAsync(name, id, token)));
        letters.Subcommands.Add(OneOrAll(
            "drop", "Drops a dead letter for good, or all of them.", (client, name, id, token) => client.DropAsync(name, id, token)));
        return letters;
    }

    private static Command OneOrAll(string verb, string description, Func<BindingClient, string, long?, CancellationToken, Task> action)
    {
        Command command = Make(
            verb,
            description,
            (parsed, client, token) => action(client, parsed.GetRequiredValue(Name), parsed.GetValue(MaybeId), token),
            Name,
            MaybeId);
        command.Options.Add(All);
        command.Validators.Add(result =>
        {
            if (result.GetValue(MaybeId) is null != result.GetValue(All))
            {
                result.AddError("Give the id of one dead letter, or --all for all of them.");
            }
        });
        return command;
    }

    private static Command Make(
        string verb, string description, Func<ParseResult, BindingClient, CancellationToken, Task> action, params Argument[] arguments)
    {
        Command command = new(verb, description);
        foreach (Argument argument in arguments)
        {
            command.Arguments.Add(argument);
        }

        command.SetAction((
            parsed,
            token) => BindingClient.RunAsync(parsed.GetRequiredValue(Server), (client, stop) => action(parsed, client, stop), token));
        return command;
    }
}
