using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.Cluster.Tests.Processes;

/// <summary>One process of a cluster, which may be killed, frozen and started again with the same arguments.</summary>
/// <param name="name">Its name in reports.</param>
/// <param name="command">The program and its arguments.</param>
/// <param name="environment">Its settings.</param>
internal sealed class ClusterProcess(string name, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment)
    : IAsyncDisposable
{
    private static readonly Regex Ready = new("^Ready\\.", RegexOptions.CultureInvariant | RegexOptions.Multiline);
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(60);

    private readonly List<string> _earlier = [];
    private Process? _process;
    private ProcessOutput? _output;

    public string Name { get; } = name;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>The output of all its starts.</summary>
    public string Log => string.Join(Environment.NewLine, [.. _earlier, _output?.ToString() ?? ""]);

    /// <summary>Starts it and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        Begin();
        await _output!.WaitForAsync(Ready, StartTime);
    }

    /// <summary>Starts it; it becomes ready when it can.</summary>
    public void Begin()
    {
        if (_output is not null)
        {
            _earlier.Add(_output.ToString());
        }

        ProcessStartInfo start = new(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath()
        };
        foreach ((string key, string value) in environment)
        {
            start.Environment[key] = value;
        }

        _process?.Dispose();
        _process = Process.Start(start)!;
        _output = new ProcessOutput(_process);
    }

    /// <summary>Sends SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Sends SIGTERM and returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        ProcessSignal.SendTerminate(_process!.Id);
        await _process.WaitForExitAsync().WaitAsync(StopTime);
        return _process.ExitCode;
    }

    public void Freeze() => ProcessSignal.Freeze(_process!.Id);

    public void Thaw() => ProcessSignal.Thaw(_process!.Id);

    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            await KillAsync();
        }

        _process?.Dispose();
    }
}

/// <summary>Signals that .NET has no call for.</summary>
internal static partial class ProcessSignal
{
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Stop = 19;

    /// <summary>Sends SIGTERM: the process ends in order.</summary>
    public static void SendTerminate(int processId) => Send(processId, Terminate);

    /// <summary>Sends SIGSTOP: the process does nothing any more, and its connections stay open.</summary>
    public static void Freeze(int processId) => Send(processId, Stop);

    /// <summary>Sends SIGCONT: the process continues.</summary>
    public static void Thaw(int processId) => Send(processId, Continue);

    private static void Send(int processId, int signal)
    {
        if (Kill(processId, signal) != 0)
        {
            throw new InvalidOperationException(
                $"Signal {signal} cannot be sent to process {processId}: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
