using System.Globalization;
using ImagingIngestion.EndToEnd.Tests.Bindings;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Dimse;

/// <summary>DCMTK's tools over TLS against the real process, and storescp over TLS as destination of C-MOVE and of a binding.</summary>
public sealed class DcmtkTlsTests : IDisposable
{
    private const string StudyLevel = "0008,0052=STUDY";

    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly TlsFiles _tls;

    public DcmtkTlsTests() => _tls = new TlsFiles(_folder.Sub("tls"));

    private string[] Anonymous => ["+tla", "+cf", _tls.AuthorityPem];

    private string[] Known => ["+tls", _tls.Key, _tls.Certificate, "+cf", _tls.AuthorityPem];

    private string[] Stranger => ["+tls", _tls.Key, _tls.StrangersCertificate, "+cf", _tls.AuthorityPem];

    public void Dispose() => _folder.Dispose();

    [ToolTheory(Tools.Dcmtk)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_tool_that_speaks_TLS_works_with_a_key_store_of_either_kind(bool isPem)
    {
        await using Server server = await StartAsync(_tls.Server("optional", isPem));
        TestInstance instance = new($"tls {isPem}") { PatientId = "TLS-1", PixelData = new byte[100_000] };
        string file = _folder.Sub("sent.dcm");
        await File.WriteAllBytesAsync(file, instance.ToPart10());
        string[] study = ["-S", "-k", StudyLevel, "-k", $"0020,000d={instance.StudyUid}"];

        await ShouldSucceedAsync(server, "echoscu", Anonymous);
        await ShouldSucceedAsync(server, "storescu", Known, [], file);
        string found = await ShouldSucceedAsync(server, "findscu", Anonymous, ["-v", .. study, "-k", "0010,0020"]);

        Assert.Contains("TLS-1", found, StringComparison.Ordinal);
        Assert.Equal(instance.ToDataSet(), Part10Split.DataSet(
            await server.Client.RetrieveAsync(new StoredPath(instance.StudyUid, instance.SeriesUid, instance.SopUid))).ToArray());
        Assert.Contains(", TLS", server.Output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(TlsFiles.Password, server.Output.ToString(), StringComparison.Ordinal);
    }

    [ToolTheory(Tools.Dcmtk)]
    [InlineData("none", true, true)]
    [InlineData("optional", true, false)]
    [InlineData("required", false, false)]
    public async Task Client_certificates_are_judged_as_is_set(string rule, bool takesAnonymous, bool takesStranger)
    {
        await using Server server = await StartAsync(_tls.Server(rule));

        await ShouldSucceedAsync(server, "echoscu", Known);
        Assert.Equal(takesAnonymous, (await RunAsync(server, "echoscu", Anonymous)).ExitCode == 0);
        Assert.Equal(takesStranger, (await RunAsync(server, "echoscu", Stranger)).ExitCode == 0);
        await ShouldSucceedAsync(server, "echoscu", Known);
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task A_peer_without_TLS_is_closed_with_few_words_and_the_next_is_served()
    {
        await using Server server = await StartAsync(_tls.Server("none"));
        int said = server.Output.ToString().Length;

        (int exitCode, string text) = await RunAsync(server, "echoscu", []);

        Assert.NotEqual(0, exitCode);
        Assert.DoesNotContain("Echo Response", text, StringComparison.Ordinal);
        await ShouldSucceedAsync(server, "echoscu", Anonymous);
        string logged = server.Output.ToString()[said..];
        Assert.DoesNotContain("   at ", logged, StringComparison.Ordinal);
        Assert.InRange(logged.Length, 0, 2000);
    }

    /// <summary>movescu speaks no TLS, so our own port does not either; the destination does.</summary>
    [ToolFact(Tools.Dcmtk)]
    public async Task Movescu_moves_to_a_storescp_over_TLS()
    {
        await using StorescpServer destination = await StorescpServer.StartAsync(_folder.Sub("destination"), null, Known);
        await using Server server = await StartAsync([
            .. _tls.Server("none"),
            "DIMSE_TLS_ENABLED=false",
            $"IMAGING__DIMSE__PEERS={StorescpServer.AeTitle}@127.0.0.1:{destination.Port}+tls"
        ]);
        TestInstance instance = new("tls moved") { PixelData = new byte[50_000] };
        Assert.True((await server.Client.StoreAsync(instance.ToPart10())).IsSuccess);

        await ShouldSucceedAsync(
            server, "movescu", [], ["-S", "-aem", StorescpServer.AeTitle, "-k", StudyLevel, "-k", $"0020,000d={instance.StudyUid}"]);

        Assert.Equal(instance.ToDataSet(), Part10Split.DataSet(destination.Read(instance.SopUid)).ToArray());
    }

    [ToolTheory(Tools.Dcmtk)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_binding_delivers_to_a_storescp_that_asks_for_its_certificate(bool isPem)
    {
        await using StorescpServer target = await StorescpServer.StartAsync(_folder.Sub("target"), null, Known);
        string[] own = isPem
            ? [$"DIMSE_TLS_KEYSTORE={_tls.Certificate}", $"DIMSE_TLS_KEY={_tls.Key}"]
            : [$"DIMSE_TLS_KEYSTORE={_tls.OwnPkcs12}", $"DIMSE_TLS_KEYSTORE_PASSWORD={TlsFiles.Password}"];
        await using Server source = await BindingSource.StartDimseAsync(
            _folder.Sub("source"),
            target.Port,
            StorescpServer.AeTitle,
            ["DIMSE_TLS_ENABLED=true", $"DIMSE_TLS_TRUSTSTORE={_tls.AuthorityPem}", .. own]);
        TestInstance[] study = BindingSource.Study($"tls binding {isPem}", 20);

        await source.StoreFilesAsync(study.Files());

        Assert.True(await source.WaitUntilDeliveredAsync() == 0, await source.DeadLettersAsync());
        Assert.All(study, instance => Assert.Equal(instance.ToDataSet(), Part10Split.DataSet(target.Read(instance.SopUid)).ToArray()));
    }

    private Task<Server> StartAsync(string[] environment) => Server.StartAsync(_folder.Sub("data"), ["env", .. environment]);

    private static async Task<string> ShouldSucceedAsync(
        Server server, string tool, string[] tls, string[]? options = null, params string[] files)
    {
        (int exitCode, string said) = await RunAsync(server, tool, tls, options, files);
        Assert.True(exitCode == 0, $"{tool}: {said}{Environment.NewLine}{server.Output}");
        return said;
    }

    private static async Task<(int ExitCode, string Said)> RunAsync(
        Server server, string tool, string[] tls, string[]? options = null, params string[] files)
    {
        (int exitCode, string output, string error) = await ExternalProcess.RunAsync(
            tool, [
                "-v",
                "-aec",
                "DICOM-INGEST",
                .. tls,
                .. options ?? [],
                "127.0.0.1",
                server.DimsePort.ToString(CultureInfo.InvariantCulture),
                .. files
            ], "", TestTimeout);
        return (exitCode, output + error);
    }
}
