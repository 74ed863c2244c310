using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Tests.Peers;
using ImagingIngestion.EndToEnd.Tests.Bindings;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Dimse;

/// <summary>More connections than the process may open files.</summary>
/// <remarks>It keeps files for its stores, recovers when the connections leave, and logs little about them.</remarks>
public sealed class OpenFilesTests : IDisposable
{
    private const int Silent = 600;
    private const int SilentOverHttp = 300;
    private const int AtOnce = 48;
    private const int MostLines = 40;

    private static readonly Regex Closed = new("Closed a connection at once: [0-9]+ are open", RegexOptions.CultureInvariant);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// The first is little more than a process needs to start; a silo of a cluster needs more, for its connections to the database.
    /// </summary>
    public static TheoryData<int> Limits => [ServerCluster.IsWanted ? 392 : 352, 400, 1024];

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task A_flood_beyond_the_limit_of_open_files_ends_with_the_flood(int files)
    {
        await using Server server =
            await Server.StartAsync(_folder.Sub("data"), [.. Limit(files), "env", "IMAGING__DIMSE__ARTIMTIMEOUT=60s"]);
        await ShouldStoreAsync(server, "before");
        List<ScriptedPeer> silent = [];
        List<TcpClient> silentOverHttp = [];
        ConcurrentBag<TestInstance> acknowledged = [];
        try
        {
            for (int number = 0; number < Silent; number++)
            {
                silent.Add(await ScriptedPeer.ConnectAsync(server.DimsePort));
            }

            for (int number = 0; number < SilentOverHttp; number++)
            {
                silentOverHttp.Add(new TcpClient());
                await silentOverHttp[^1].ConnectAsync("127.0.0.1", server.Root.Port);
            }

            await server.Output.WaitForAsync(Closed, TimeSpan.FromMinutes(1));
            await ShouldAnswerSearchesAsync(server);
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(number => StoreAndReadAsync(server, number, acknowledged)));
            await ShouldIdleAsync(server);
            await ShouldAnswerSearchesAsync(server);
        }
        finally
        {
            silent.ForEach(peer => peer.Dispose());
            silentOverHttp.ForEach(connection => connection.Dispose());
        }

        Assert.True(await BindingSource.WaitAsync(() => IsTakenAsync(server)), "No connection is taken after the flood.");
        await ShouldStoreAsync(server, "after");
        Assert.NotEmpty(acknowledged);
        foreach (TestInstance instance in acknowledged)
        {
            byte[] back = await server.Client.RetrieveAsync(new StoredPath(instance.StudyUid, instance.SeriesUid, instance.SopUid));
            Assert.Equal(instance.ToDataSet(), Part10Split.DataSet(back).ToArray());
        }

        Assert.InRange(Closed.Count(server.Output.ToString()), 1, MostLines);
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task A_process_that_may_open_too_few_files_says_so_and_does_not_start()
    {
        await using ServerProcess process = ServerProcess.Start(
            "Silo", Limit(256), ["--urls", "http://127.0.0.1:0", "--dimse-port", "0", "--data", _folder.Sub("data")]);

        await process.Output.WaitForAsync(
            new Regex("Cannot run: This process may have 256 files and connections open and needs [0-9]+: raise the limit \\(ulimit -n"),
            TimeSpan.FromMinutes(1));

        Assert.Equal(1, await process.WaitAsync());
    }

    private static string[] Limit(int files) => ["prlimit", $"--nofile={files}:{files}"];

    /// <summary>Sends many at once, all of which the server may ask to come later; acknowledged ones must be there.</summary>
    private static async Task StoreAndReadAsync(Server server, int number, ConcurrentBag<TestInstance> acknowledged)
    {
        TestInstance instance = new($"flooded {number}") { PixelData = new byte[300_000] };
        try
        {
            if ((await server.Client.StoreAsync(instance.ToPart10())).Status == 200)
            {
                acknowledged.Add(instance);
                using HttpResponseMessage read =
                    await server.Client.GetStoredAsync(new StoredPath(instance.StudyUid, instance.SeriesUid, instance.SopUid));
                await read.Content.ReadAsByteArrayAsync();
            }
        }
        catch (HttpRequestException)
        {
            // Refused: nothing was acknowledged.
        }
    }

    /// <summary>Checks that the process waits while it can accept nothing: soon it uses less than half a processor.</summary>
    /// <remarks>A loop that spins uses a whole one all the time.</remarks>
    private static async Task ShouldIdleAsync(Server server)
    {
        using PeriodicTimer second = new(TimeSpan.FromSeconds(1));
        List<double> used = [];
        do
        {
            TimeSpan begin = server.ProcessorTime;
            await second.WaitForNextTickAsync();
            used.Add((server.ProcessorTime - begin).TotalSeconds);
        }
        while (used[^1] > 0.5 && used.Count < 20);

        Assert.True(used[^1] <= 0.5, $"Seconds of a processor in each second: {string.Join(", ", used)}");
    }

    private static async Task<bool> IsTakenAsync(Server server)
    {
        try
        {
            await using DimseSender sender = await DimseSender.ConnectAsync(server.DimsePort, [(RawPdu.CtStorage, Syntax.ImplicitLittle)]);
            return true;
        }
        catch (AssociationException)
        {
            return false;
        }
    }

    /// <summary>Checks that the stores can be reached.</summary>
    private static async Task ShouldAnswerSearchesAsync(Server server)
    {
        using HttpResponseMessage found = await server.Client.GetAsync("dicom-web/studies");
        Assert.Equal(System.Net.HttpStatusCode.OK, found.StatusCode);
    }

    private static async Task ShouldStoreAsync(Server server, string name)
    {
        TestInstance instance = new("open files " + name) { PixelData = new byte[1000] };
        await using DimseSender sender =
            await DimseSender.ConnectAsync(server.DimsePort, [(instance.SopClassUid, instance.TransferSyntaxUid)]);
        Assert.True((await sender.StoreAsync(
            instance.SopClassUid, instance.SopUid, instance.TransferSyntaxUid, instance.ToDataSet())).Status.IsSuccess);
        Assert.Single(await server.Client.FindAsync(new StoredPath(instance.StudyUid, instance.SeriesUid, instance.SopUid)));
    }
}
