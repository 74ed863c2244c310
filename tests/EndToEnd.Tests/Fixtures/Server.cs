using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace ImagingIngestion.EndToEnd.Tests;

/// <summary>The all-in-one server as a process of its own, on a free port of the loopback interface.</summary>
internal sealed class Server : IAsyncDisposable
{
    private static readonly Regex Address = new(@"http://127\.0\.0\.1:(?<port>[1-9]\d*)", RegexOptions.CultureInvariant);
    private static readonly Regex DimseLine = new(@"DIMSE +\S+ on \S+ port (?<port>[1-9]\d*)", RegexOptions.CultureInvariant);
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private Server(Process process, ProcessOutput output, Uri root, int dimsePort)
    {
        DimsePort = dimsePort;
        _process = process;
        Output = output;
        Root = root;
        Client = new HttpClient { BaseAddress = root, Timeout = TimeSpan.FromMinutes(2) };
    }

    /// <summary>Ends with a slash.</summary>
    public Uri Root { get; }

    /// <summary>Where it takes associations, as <c>DICOM-INGEST</c>.</summary>
    public int DimsePort { get; }

    public HttpClient Client { get; }

    public ProcessOutput Output { get; }

    public int ProcessId => _process.Id;

    private static string Assembly => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory,
        "../../../../../src/Silo/bin",
        typeof(Server).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration,
        "net10.0/ImagingIngestion.Silo.dll"));

    /// <summary>Starts it and waits until it says where it listens.</summary>
    /// <param name="data">Folder of its objects and manifest.</param>
    /// <param name="wrapper">Command that runs it, such as a tracer with its arguments; empty to run it as it is.</param>
    /// <param name="arguments">More arguments for the server; addresses among them must hold one of 127.0.0.1.</param>
    public static async Task<Server> StartAsync(string data, string[]? wrapper = null, params string[] arguments)
    {
        string[] urls = arguments.Contains("--urls") ? [] : ["--urls", "http://127.0.0.1:0"];
        string[] command = [.. wrapper ?? [], "dotnet", Assembly, .. urls, "--dimse-port", "0", "--data", data, .. arguments];
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        Process process = Process.Start(start)!;
        ProcessOutput output = new(process);
        try
        {
            Match match = await output.WaitForAsync(Address, StartTime);
            Match dimse = await output.WaitForAsync(DimseLine, StartTime);
            return new Server(process, output, new Uri($"http://127.0.0.1:{Port(match)}/"), Port(dimse));
        }
        catch
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            process.Dispose();
            throw;
        }
    }

    private static int Port(Match match) => int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture);

    /// <summary>SIGKILL: no chance to write anything more.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as an orchestrator stops it; answers the exit code.</summary>
    public async Task<int> StopAsync()
    {
        using (Process kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        using CancellationTokenSource deadline = new(StopTime);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }
}
