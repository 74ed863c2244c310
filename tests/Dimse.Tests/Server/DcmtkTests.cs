using System.Globalization;
using System.Security.Cryptography;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.Dimse.Tests.Peers;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Dimse.Tests.Server;

/// <summary>Runs the server against DCMTK's tools.</summary>
public sealed class DcmtkTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    [ToolFact(Tools.Dcmtk)]
    public async Task Echoscu_is_answered()
    {
        await using TestServer server = await TestServer.StartAsync();

        (int exitCode, string output, string error) =
            await RunAsync("echoscu", "-v", "--repeat", "5", "127.0.0.1", server.Port.ToString(CultureInfo.InvariantCulture));

        Assert.True(exitCode == 0, output + error);
        Assert.DoesNotContain("Abort", output + error, StringComparison.Ordinal);
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task Echoscu_gets_in_although_idle_associations_fill_the_table()
    {
        await using TestServer server = await TestServer.StartAsync(new DimseServerOptions { IdleGrace = TimeSpan.Zero }, null, null);
        List<ScriptedPeer> idle = [];
        for (int number = 0; number < 100; number++)
        {
            idle.Add(await ScriptedPeer.AssociateAsync(server.Port));
        }

        (int exitCode, string output, string error) =
            await RunAsync("echoscu", "-v", "127.0.0.1", server.Port.ToString(CultureInfo.InvariantCulture));

        Assert.True(exitCode == 0, output + error);
        Assert.Equal(7, (await idle[0].ReadAsync()).Type);
        idle.ForEach(peer => peer.Dispose());
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task Storescu_stores_data_sets_as_they_are()
    {
        StoreService store = new();
        await using TestServer server = await TestServer.StartAsync(store);
        string folder = Directory.CreateTempSubdirectory("dimse-").FullName;
        try
        {
            for (int number = 0; number < 20; number++)
            {
                string sop = $"1.2.3.{number}";
                byte[] file = TestInstance.Build("1.2.3", "1.2.3.4", sop, RandomNumberGenerator.GetBytes(512 * 700));
                await File.WriteAllBytesAsync(Path.Combine(folder, $"{number}.dcm"), file);
            }

            (int exitCode, string output, string error) =
                await RunAsync("storescu", "-v", "+sd", "127.0.0.1", server.Port.ToString(CultureInfo.InvariantCulture), folder);

            Assert.True(exitCode == 0, output + error);
            Assert.Equal(20, store.Stored.Count);
            Assert.All(store.Stored.Values, one => Assert.True(one.Length > 512 * 700));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task Findscu_gets_its_matches_and_may_cancel()
    {
        DimseStatus final = default;
        byte[] match = new TestInstance("match").ToBuilder().Encode(Wire.ExplicitLittle);
        ScriptedService<CFindRequest> find = new(async (operation, cancellationToken) =>
        {
            Assert.NotNull(await operation.DataSet!.ReadAllAsync(cancellationToken));
            DimseStatus last = DimseStatus.Success;
            for (int sent = 0; sent < 100_000 && last == DimseStatus.Success; sent++)
            {
                await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Pending }, match, cancellationToken);
                last = operation.Cancelled.IsCancellationRequested ? DimseStatus.Cancel : DimseStatus.Success;
            }

            final = last;
            await operation.RespondAsync(new CFindResponse { Status = last }, null, cancellationToken);
        });
        await using TestServer server = await TestServer.StartAsync(find);

        (int exitCode, string output, string error) = await RunAsync(
            "findscu", "-v", "-S", "--cancel", "3", "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientID", "127.0.0.1",
            server.Port.ToString(CultureInfo.InvariantCulture));

        Assert.True(exitCode == 0, output + error);
        Assert.Equal(DimseStatus.Cancel, final);
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(string tool, params string[] arguments)
        => ExternalProcess.RunAsync(tool, arguments, "", Timeout);
}
