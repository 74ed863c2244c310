using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Running;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Measures the time from the start of a server until it is ready, and its resident memory when idle.</summary>
public sealed class StartupScenario(Uri url, string target, string variant, string scenario, ResultLog log)
{
    private const string Name = "startup";
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(3);

    public static Command CreateCommand()
    {
        Option<Uri> url = ServerOptions.UrlOption("URL that answers 2xx when the server is ready");
        Option<string> target = new("--target") { Description = "Whose figures these are", DefaultValueFactory = _ => TargetNames.Ours };
        Option<string> variant = new("--variant") { Description = "How the server was built", DefaultValueFactory = _ => "dll" };
        Option<string> scenario = new("--as") { Description = "Scenario under which the figures stand", DefaultValueFactory = _ => Name };
        Option<int> times = new("--times") { Description = "Measured starts; the median counts", DefaultValueFactory = _ => 5 };
        Option<string?> results = ServerOptions.ResultsOption();
        Argument<string[]> start = new("command")
        {
            Description = "After --, the program and its arguments",
            Arity = ArgumentArity.OneOrMore
        };
        Command command = new(Name, "Start to ready, and idle memory") { url, target, variant, scenario, times, results, start };
        command.SetAction((parsed, cancellationToken) => new StartupScenario(
            parsed.GetRequiredValue(url),
            parsed.GetRequiredValue(target),
            parsed.GetRequiredValue(variant),
            parsed.GetRequiredValue(scenario),
            new ResultLog(parsed.GetValue(results))).RunAsync(parsed.GetRequiredValue(start), parsed.GetValue(times), cancellationToken));
        return command;
    }

    public async Task<int> RunAsync(string[] start, int times, CancellationToken cancellationToken)
    {
        // The first start creates folders and tables and fills the page cache; it does not count.
        await StartOnceAsync(start, cancellationToken);
        double[] ready = new double[times];
        double[] resident = new double[times];
        for (int i = 0; i < times; i++)
        {
            (ready[i], resident[i]) = await StartOnceAsync(start, cancellationToken);
        }

        Array.Sort(ready);
        Array.Sort(resident);
        string note = string.Create(CultureInfo.InvariantCulture, $"median of {times}");
        log.Add(new ResultRow(scenario, FigureNames.StartToReady(variant), target, ready[times / 2], "ms", 0, note));
        log.Add(new ResultRow(scenario, FigureNames.IdleResident(variant), target, resident[times / 2], "MB", 0, note));
        return 0;
    }

    private async Task<(double ReadyMs, double ResidentMb)> StartOnceAsync(string[] start, CancellationToken cancellationToken)
    {
        using DicomWebClient client = new(url, ReadyLimit);
        if (await client.IsReadyAsync("", cancellationToken))
        {
            throw new LoadException("something answers at the URL already; stop it or give another port");
        }

        ProcessStartInfo info = new(start[0], start[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(info) ?? throw new LoadException("the server did not start");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await WaitUntilReadyAsync(client, process, began, cancellationToken);
            double ready = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            using PeriodicTimer idle = new(IdleAfter);
            await idle.WaitForNextTickAsync(cancellationToken);
            return (ready, ProcessStatus.ResidentMb(process.Id));
        }
        finally
        {
            await StopAsync(process, cancellationToken);
        }
    }

    private static async Task WaitUntilReadyAsync(DicomWebClient client, Process process, long began, CancellationToken cancellationToken)
    {
        using PeriodicTimer poll = new(PollEvery);
        while (!await client.IsReadyAsync("", cancellationToken))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(began) > ReadyLimit)
            {
                throw new LoadException(
                    process.HasExited ? $"the server ended with exit code {process.ExitCode}" : "the server did not become ready");
            }

            await poll.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>Asks the server to stop, and kills it if that takes too long or the measurement is cancelled.</summary>
    private static async Task StopAsync(Process process, CancellationToken cancellationToken)
    {
        if (process.HasExited)
        {
            return;
        }

        using Process term = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StopLimit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
        }
    }
}
