using System.Globalization;
using System.Text.RegularExpressions;
using ImagingIngestion.Tests;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ImagingIngestion.EndToEnd.Tests.Fixtures;

/// <summary>The tested server on free ports of the loopback interface.</summary>
/// <remarks>It is the all-in-one server in one process, or with IMAGING_TEST_CLUSTER=1 a cluster of silos and gateways.</remarks>
internal sealed class Server : IAsyncDisposable
{
    private static readonly Regex Address = new(@"http://127\.0\.0\.1:(?<port>[1-9]\d*)", RegexOptions.CultureInvariant);
    private static readonly Regex DimseLine = new(@"DIMSE +\S+ on \S+ port (?<port>[1-9]\d*)", RegexOptions.CultureInvariant);
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);

    private readonly IReadOnlyList<ServerProcess> _processes;

    /// <param name="processes">The first answers DICOMweb; they are stopped in this order.</param>
    /// <param name="output">The output of all of them.</param>
    /// <param name="stores">The stores of the instances.</param>
    /// <param name="root">The root of DICOMweb.</param>
    /// <param name="dimsePort">The port of DIMSE.</param>
    /// <param name="handler">Sends the requests to it.</param>
    public Server(
        IReadOnlyList<ServerProcess> processes,
        ProcessOutput output,
        IServerStores stores,
        Uri root,
        int dimsePort,
        HttpMessageHandler handler)
    {
        _processes = processes;
        Output = output;
        Stores = stores;
        Root = root;
        DimsePort = dimsePort;
        Client = new HttpClient(handler) { BaseAddress = root, Timeout = TimeSpan.FromMinutes(2) };
    }

    /// <summary>Ends with a slash.</summary>
    public Uri Root { get; }

    /// <summary>The port for associations with <c>DICOM-INGEST</c>.</summary>
    public int DimsePort { get; }

    public HttpClient Client { get; }

    public ProcessOutput Output { get; }

    public IServerStores Stores { get; }

    /// <summary>The id of the process that answers DICOMweb.</summary>
    public int ProcessId => _processes[0].Id;

    /// <summary>The processor time of all processes.</summary>
    public TimeSpan ProcessorTime => _processes.Aggregate(TimeSpan.Zero, (sum, process) => sum + process.ProcessorTime);

    /// <summary>Starts the server and waits until it has written where it listens.</summary>
    /// <param name="data">The folder of its objects and manifest; for a cluster, it determines the database and the bucket.</param>
    /// <param name="wrapper">Command that runs it, such as a tracer with its arguments; empty to run it as it is.</param>
    /// <param name="arguments">More arguments for the server; addresses among them must hold one of 127.0.0.1.</param>
    public static Task<Server> StartAsync(string data, string[]? wrapper = null, params string[] arguments)
        => ServerCluster.IsWanted
            ? ServerCluster.StartAsync(data, wrapper ?? [], arguments)
            : StartPeerAsync(data, wrapper, arguments);

    /// <summary>Starts a server that the tested one only talks to, such as the target of a binding: always one process.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public static async Task<Server> StartPeerAsync(string data, string[]? wrapper = null, params string[] arguments)
    {
        ServerProcess process = ServerProcess.Start(
            "Silo", wrapper ?? [], [.. HttpArguments(arguments), "--dimse-port", "0", "--data", data]);
        try
        {
            int port = await HttpPortAsync(process);
            int dimsePort = await DimsePortAsync(process);
            int objects = Array.IndexOf(arguments, "--objects");
            OneProcessStores stores = new(data, objects < 0 ? Path.Combine(data, "objects") : arguments[objects + 1]);
            return new Server([process], process.Output, stores, new Uri($"http://127.0.0.1:{port}/"), dimsePort, new SocketsHttpHandler());
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Adds a free port, unless the arguments name one.</summary>
    public static string[] HttpArguments(string[] arguments)
        => arguments.Contains("--urls") ? arguments : ["--urls", "http://127.0.0.1:0", .. arguments];

    /// <summary>Waits until the process has written its HTTP address; returns the port.</summary>
    public static Task<int> HttpPortAsync(ServerProcess process) => PortAsync(process, Address);

    /// <summary>Waits until the process has written its DIMSE address; returns the port.</summary>
    public static Task<int> DimsePortAsync(ServerProcess process) => PortAsync(process, DimseLine);

    /// <summary>Sends SIGKILL to all processes: they cannot write anything more.</summary>
    public Task KillAsync() => Task.WhenAll(_processes.Select(process => process.KillAsync()));

    /// <summary>Sends SIGTERM to one process after the other; returns the first exit code that is not 0, or 0.</summary>
    public async Task<int> StopAsync()
    {
        int exitCode = 0;
        foreach (ServerProcess process in _processes)
        {
            int code = await process.StopAsync();
            exitCode = exitCode == 0 ? code : exitCode;
        }

        return exitCode;
    }

    /// <summary>Returns the high-water mark of resident memory, of the process that took most.</summary>
    public long PeakKilobytes() => _processes.Max(process => process.PeakKilobytes());

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Task.WhenAll(_processes.Select(process => process.DisposeAsync().AsTask()));
    }

    private static async Task<int> PortAsync(ServerProcess process, Regex line)
        => int.Parse((await process.Output.WaitForAsync(line, StartTime)).Groups["port"].Value, CultureInfo.InvariantCulture);
}

/// <summary>The stores of an all-in-one with a folder and SQLite, which numbers events as it commits them.</summary>
internal sealed class OneProcessStores(string data, string objects) : IServerStores
{
    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["IMAGING__STORAGE__DATA"] = data,
        ["IMAGING__STORAGE__OBJECTS"] = objects
    };

    public Task<int> CountInstancesAsync() => Task.FromResult(Files("*.dcm").Count());

    public Task<int> CountUploadsAsync() => Task.FromResult(Files("*.tmp").Count());

    public Task<bool> AreEventsNumberedAsync() => Task.FromResult(true);

    public Task FlipAsync(string sopInstanceUid) => ChangeAsync(sopInstanceUid, bytes =>
    {
        bytes[bytes.Length / 2] ^= 1;
        return bytes;
    });

    public Task CutAsync(string sopInstanceUid) => ChangeAsync(sopInstanceUid, bytes => bytes[..(bytes.Length / 2)]);

    public Task RemoveAsync(string sopInstanceUid)
    {
        File.Delete(FileOf(sopInstanceUid));
        return Task.CompletedTask;
    }

    public Task RemoveAllAsync()
    {
        foreach (string file in Files("*.dcm"))
        {
            File.Delete(file);
        }

        return Task.CompletedTask;
    }

    public async Task EndLeasesAsync()
    {
        Batteries_V2.Init();
        await using SqliteConnection connection = new($"Data Source={Path.Combine(data, "manifest.db")};Pooling=False");
        await connection.OpenAsync();
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "UPDATE delivery SET due_at = 0 WHERE owner IS NOT NULL";
        await command.ExecuteNonQueryAsync();
    }

    private string FileOf(string sopInstanceUid)
        => Files("*.dcm").Single(file => file.Contains($"/{sopInstanceUid}/", StringComparison.Ordinal));

    private async Task ChangeAsync(string sopInstanceUid, Func<byte[], byte[]> change)
        => await File.WriteAllBytesAsync(FileOf(sopInstanceUid), change(await File.ReadAllBytesAsync(FileOf(sopInstanceUid))));

    private IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(objects, pattern, SearchOption.AllDirectories);
}
