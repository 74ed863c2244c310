using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>Runs strace on a process: the chosen system calls fail until it is detached.</summary>
internal sealed class FaultInjector : IAsyncDisposable
{
    private static readonly Regex Attached = new(@"Process \d+ attached", RegexOptions.CultureInvariant);
    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _trace;

    private FaultInjector(Process process, string trace)
    {
        _process = process;
        _trace = trace;
    }

    /// <summary>Attaches to all threads; the calls fail once it returns.</summary>
    /// <param name="processId">The process, with all its present and later threads.</param>
    /// <param name="inject">The argument of strace's <c>-e inject=</c>.</param>
    /// <param name="trace">File for the calls that were made to fail.</param>
    /// <param name="path">Only calls on this file; null for all.</param>
    public static Task<FaultInjector> AttachAsync(int processId, string inject, string trace, string? path = null)
        => AttachAsync(processId, [inject], trace, path);

    public static async Task<FaultInjector> AttachAsync(int processId, string[] injects, string trace, string? path = null)
    {
        string calls = string.Join(',', injects.Select(inject => inject[..inject.IndexOf(':', StringComparison.Ordinal)]));
        string id = processId.ToString(CultureInfo.InvariantCulture);
        IEnumerable<string> faults = injects.SelectMany(inject => new[] { "-e", "inject=" + inject });
        ProcessStartInfo start = new(
            "strace",
            ["-f", "-y", "-o", trace, "-e", "trace=" + calls, .. faults, "-p", id, .. path is null ? Array.Empty<string>() : ["-P", path]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        FaultInjector injector = new(Process.Start(start)!, trace);
        try
        {
            await new ProcessOutput(injector._process).WaitForAsync(Attached, TestTimeout);
            return injector;
        }
        catch
        {
            await injector.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets the process go on without faults; returns the number of calls that were made to fail.</summary>
    public async Task<int> DetachAsync()
    {
        using (Process kill = Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        using CancellationTokenSource deadline = new(TestTimeout);
        await _process.WaitForExitAsync(deadline.Token);
        return (await File.ReadAllLinesAsync(_trace)).Count(line => line.Contains("(INJECTED)", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await DetachAsync();
        }

        _process.Dispose();
    }
}
