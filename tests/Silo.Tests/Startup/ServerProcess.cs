using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace ImagingIngestion.Silo.Tests.Startup;

/// <summary>The server as a process of its own, as people run it, on a free port of this machine.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    public const int Sigint = 2;
    public const int Sigterm = 15;

    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<string> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(Process process) => _process = process;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static ServerProcess Start(
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        string workingDirectory = "",
        string program = "Silo")
    {
        ProcessStartInfo start = new(
            "dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = workingDirectory };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, $"ImagingIngestion.{program}.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // Servers of several tests run at once.
        start.Environment["IMAGING__DIMSE__PORT"] = "0";
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        ServerProcess server = new(new Process { StartInfo = start });
        server._process.OutputDataReceived += (_, line) => server.Take(line.Data);
        server._process.ErrorDataReceived += (_, line) => server.Take(line.Data);
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        return server;
    }

    /// <summary>The address that it reports.</summary>
    public Task<string> AddressAsync(CancellationToken cancellationToken) => _address.Task.WaitAsync(TestTimeout, cancellationToken);

    public async Task<int> ExitCodeAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(TestTimeout, cancellationToken);
        return _process.ExitCode;
    }

    public void Signal(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    private void Take(string? line)
    {
        const string mark = "/healthz/live,";
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        int end = line.IndexOf(mark, StringComparison.Ordinal);
        if (end > 0)
        {
            _address.TrySetResult(line[line.IndexOf("http://", StringComparison.Ordinal)..end]);
        }
    }
}
