using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ImagingIngestion.EndToEnd.Tests.Fixtures;

/// <summary>An outside tool that listens on a port of this machine.</summary>
internal sealed class ToolServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;

    private ToolServer(Process process, int port)
    {
        _process = process;
        Output = new ProcessOutput(process);
        Port = port;
    }

    public int Port { get; }

    public ProcessOutput Output { get; }

    /// <summary>Starts it and waits until the port takes connections.</summary>
    public static async Task<ToolServer> StartAsync(string folder, int port, string tool, params string[] arguments)
    {
        Directory.CreateDirectory(folder);
        ProcessStartInfo start = new(
            tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        ToolServer server = new(Process.Start(start)!, port);
        using CancellationTokenSource deadline = new(StartTime);
        using PeriodicTimer timer = new(Step);
        try
        {
            while (!await TakesConnectionsAsync(port))
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }

            return server;
        }
        catch (OperationCanceledException exception)
        {
            await server.DisposeAsync();
            throw new TimeoutException($"{tool} does not listen. It said: {server.Output}", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static async Task<bool> TakesConnectionsAsync(int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
