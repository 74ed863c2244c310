using System.Text.RegularExpressions;
using ImagingIngestion.Dimse;
using ImagingIngestion.Dimse.Tests;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests;

/// <summary>More connections than the process may have files: it keeps files for its stores, goes on when they leave, and tells of them in few words.</summary>
public sealed class OpenFilesTests : IDisposable
{
    /// <summary>Enough for the runtime and its files; the flood takes the rest.</summary>
    private const int Files = 400;

    private const int Silent = 600;
    private const int MostLines = 40;

    private static readonly Regex Closed = new("Closed a connection at once: [0-9]+ are open", RegexOptions.CultureInvariant);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_flood_beyond_the_limit_of_open_files_ends_with_the_flood()
    {
        await using Server server = await Server.StartAsync(_folder.Sub("data"), ["prlimit", $"--nofile={Files}:{Files}", "env", "IMAGING__DIMSE__ARTIMTIMEOUT=60s"]);
        await ShouldStoreAsync(server, "before");
        List<ScriptedPeer> silent = [];
        try
        {
            for (int number = 0; number < Silent; number++)
            {
                silent.Add(await ScriptedPeer.ConnectAsync(server.DimsePort));
            }

            await server.Output.WaitForAsync(Closed, TimeSpan.FromMinutes(1));
            await ShouldIdleAsync(server);
            await ShouldAnswerSearchesAsync(server);
        }
        finally
        {
            silent.ForEach(peer => peer.Dispose());
        }

        Assert.True(await BindingSource.WaitAsync(() => IsTakenAsync(server)), "No connection is taken after the flood.");
        await ShouldStoreAsync(server, "after");
        Assert.InRange(Closed.Count(server.Output.ToString()), 1, MostLines);
        Assert.Equal(0, await server.StopAsync());
    }

    /// <summary>While nothing can be accepted the process waits: it uses less than half a processor.</summary>
    private static async Task ShouldIdleAsync(Server server)
    {
        using PeriodicTimer second = new(TimeSpan.FromSeconds(1));
        await second.WaitForNextTickAsync();
        TimeSpan begin = server.ProcessorTime;
        for (int number = 0; number < 3; number++)
        {
            await second.WaitForNextTickAsync();
        }

        Assert.InRange(server.ProcessorTime - begin, TimeSpan.Zero, TimeSpan.FromSeconds(1.5));
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

    /// <summary>The stores can be reached.</summary>
    private static async Task ShouldAnswerSearchesAsync(Server server)
    {
        using HttpResponseMessage found = await server.Client.GetAsync("dicom-web/studies");
        Assert.Equal(System.Net.HttpStatusCode.OK, found.StatusCode);
    }

    private static async Task ShouldStoreAsync(Server server, string name)
    {
        TestInstance instance = new("open files " + name) { PixelData = new byte[1000] };
        await using DimseSender sender = await DimseSender.ConnectAsync(server.DimsePort, [(instance.SopClassUid, instance.TransferSyntaxUid)]);
        Assert.True((await sender.StoreAsync(instance.SopClassUid, instance.SopUid, instance.TransferSyntaxUid, instance.ToDataSet())).Status.IsSuccess);
        Assert.Single(await server.Client.FindAsync(new StoredPath(instance.StudyUid, instance.SeriesUid, instance.SopUid)));
    }
}
