using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace ImagingIngestion.EndToEnd.Tests.Fixtures;

/// <summary>One process of the product, run from its build output.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private ServerProcess(Process process, ProcessOutput output)
    {
        _process = process;
        Output = output;
    }

    public int Id => _process.Id;

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public ProcessOutput Output { get; }

    /// <param name="executable"><c>Silo</c> or <c>Gateways</c>.</param>
    /// <param name="wrapper">Command that runs it, such as a tracer with its arguments; empty to run it as it is.</param>
    /// <param name="arguments">Its own arguments.</param>
    /// <param name="environment">Settings; those of the wrapper win.</param>
    /// <param name="all">Collects the output of several processes.</param>
    public static ServerProcess Start(
        string executable,
        IEnumerable<string> wrapper,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        ProcessOutput? all = null)
    {
        string[] command = [.. wrapper, "dotnet", Assembly(executable), .. arguments];
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath()
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start)!;
        return new ServerProcess(process, new ProcessOutput(process, all));
    }

    /// <summary>Sends SIGKILL: the process cannot write anything more.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>Sends SIGTERM, as an orchestrator does; returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        using (Process kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        return await WaitAsync();
    }

    /// <summary>Waits until it has ended; returns the exit code.</summary>
    public async Task<int> WaitAsync()
    {
        using CancellationTokenSource deadline = new(StopTime);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    /// <summary>Waits until it ends by itself; returns the exit code.</summary>
    public async Task<int> WaitAsync(TimeSpan timeout)
    {
        using CancellationTokenSource deadline = new(timeout);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    /// <summary>Returns the high-water mark of resident memory.</summary>
    public long PeakKilobytes()
        => File.ReadLines($"/proc/{Id}/status").Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Select(line => long.Parse(
                line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)).Single();

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private static string Assembly(string executable) => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory,
        "../../../../../src/Silo/bin",
        typeof(ServerProcess).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration,
        $"net10.0/ImagingIngestion.{executable}.dll"));
}
