using System.Globalization;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.EndToEnd.Tests.Bindings;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using CorpusFiles = ImagingIngestion.TestData.Corpus;

namespace ImagingIngestion.EndToEnd.Tests.Dimse;

/// <summary>DCMTK's tools as a workstation that gets and moves, and as the destination.</summary>
[Collection(RunningServer.Collection)]
public sealed class DcmtkRetrieveTests(RunningServer running) : IDisposable
{
    private const string StudyLevel = "0008,0052=STUDY";

    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(2);

    private static readonly string[] KnownToDcmtk =
    [
        Syntax.ExplicitLittle, Syntax.ImplicitLittle, Syntax.ExplicitBig, Syntax.Deflated, Syntax.JpegBaseline, Syntax.JpegLossless,
        Syntax.JpegLs, Syntax.Jpeg2000, Syntax.Mpeg2, Syntax.Rle,
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ToolFact(Tools.Dcmtk)]
    [Trait(InACluster.Trait, InACluster.Value)]
    public async Task Getscu_gets_every_transfer_syntax_that_it_proposes_as_it_is_stored()
    {
        (string Option, string Syntax)[] syntaxes =
        [
            ("+xe", Syntax.ExplicitLittle), ("+xb", Syntax.ExplicitBig), ("+xd", Syntax.Deflated), ("+xy", Syntax.JpegBaseline),
            ("+xs", Syntax.JpegLossless),
            ("+xt", Syntax.JpegLs), ("+xv", Syntax.Jpeg2000), ("+xr", Syntax.Rle), ("+xm", Syntax.Mpeg2),
        ];
        Server server = running.Server;
        List<string> faults = [];
        foreach ((string option, string syntax) in syntaxes)
        {
            TestInstance instance = Instance("getscu " + syntax, syntax);
            StoredPath path = Assert.Single((await server.Client.StoreAsync(instance.ToPart10())).Stored);
            string[] got = await GetAsync(server, syntax, "-S", option, "-k", StudyLevel, "-k", $"0020,000d={instance.StudyUid}");
            byte[] sent = await server.Client.RetrieveAsync(path);
            byte[] received = got.Length == 1 ? await File.ReadAllBytesAsync(got[0]) : [];
            if (!Part10Split.DataSet(received).SequenceEqual(Part10Split.DataSet(sent)))
            {
                faults.Add($"{option}: {got.Length} files, or another data set");
            }
        }

        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }

    [ToolFact(Tools.Dcmtk)]
    [Trait(InACluster.Trait, InACluster.Value)]
    public async Task Getscu_gets_what_it_names_at_each_level()
    {
        Server server = running.Server;
        TestInstance first = Instance("levels 1", Syntax.ExplicitLittle) with { PatientId = "LEVELS" };
        TestInstance second = Instance("levels 2", Syntax.ExplicitLittle) with
        {
            PatientId = "LEVELS",
            StudyUid = first.StudyUid,
            SeriesUid = first.SeriesUid
        };
        TestInstance third = Instance("levels 3", Syntax.ExplicitLittle) with { PatientId = "LEVELS", StudyUid = first.StudyUid };
        TestInstance fourth = Instance("levels 4", Syntax.ExplicitLittle) with { PatientId = "LEVELS" };
        TestInstance other = Instance("levels 5", Syntax.ExplicitLittle) with { PatientId = "SOMEBODY" };
        Assert.True((await server.Client.StoreAllAsync(
            new[] { first, second, third, fourth, other }.Select(instance => (ReadOnlyMemory<byte>)instance.ToPart10()))).IsSuccess);

        string study = $"0020,000d={first.StudyUid}";
        string series = $"0020,000e={first.SeriesUid}";
        string[] patient = await GetAsync(server, "patient", "-P", "-k", "0008,0052=PATIENT", "-k", "0010,0020=LEVELS");
        string[] ofStudy = await GetAsync(server, "study", "-P", "-k", StudyLevel, "-k", "0010,0020=LEVELS", "-k", study);
        string[] ofSeries = await GetAsync(server, "series", "-S", "-k", "0008,0052=SERIES", "-k", study, "-k", series);
        string[] images = await GetAsync(
            server, "image", "-S", "-k", "0008,0052=IMAGE", "-k", study, "-k", series, "-k", $"0008,0018={first.SopUid}\\{second.SopUid}");

        Assert.Equal((4, 3, 2, 2), (patient.Length, ofStudy.Length, ofSeries.Length, images.Length));
        Assert.Equal(Names(first, second, third, fourth), patient.Select(Path.GetFileName).Order());
        Assert.Equal(Names(first, second), images.Select(Path.GetFileName).Order());
    }

    [ToolFact(Tools.Dcmtk)]
    [Trait(InACluster.Trait, InACluster.Value)]
    public async Task Movescu_moves_a_study_to_storescp_and_hears_of_a_destination_that_is_not_known()
    {
        await using StorescpServer destination = await StorescpServer.StartAsync(_folder.Sub("destination"));
        await using Server server = await StartAsync($"{StorescpServer.AeTitle}@127.0.0.1:{destination.Port}");
        TestInstance instance = Instance("movescu", Syntax.ExplicitLittle);
        Assert.True((await server.Client.StoreAsync(instance.ToPart10())).IsSuccess);

        (int exitCode, string said) = await RunAsync(
            server, "movescu", "-v", "-S", "-aem", StorescpServer.AeTitle, "-k", StudyLevel, "-k", $"0020,000d={instance.StudyUid}");
        (_, string refused) =
            await RunAsync(server, "movescu", "-v", "-S", "-aem", "NOBODY", "-k", StudyLevel, "-k", $"0020,000d={instance.StudyUid}");

        Assert.True(exitCode == 0, said);
        Assert.True(Part10Split.DataSet(destination.Read(instance.SopUid)).SequenceEqual(instance.ToDataSet()));
        Assert.Contains("MoveDestinationUnknown", refused, StringComparison.Ordinal);
    }

    [ToolFact(Tools.Dcmtk)]
    [Trait(InACluster.Trait, InACluster.Value)]
    public Task Every_test_file_that_storescp_takes_arrives_there_as_it_is_stored() => MoveAllAsync(TestFiles.All);

    [ToolFact(Tools.Dcmtk, Tools.Corpus)]
    public Task Every_corpus_file_that_storescp_takes_arrives_there_as_it_is_stored() => MoveAllAsync(CorpusFiles.Files());

    [Fact]
    [Trait(InACluster.Trait, InACluster.Value)]
    public async Task A_study_moves_from_one_of_ours_to_another()
    {
        Server second = running.Server;
        await using Server first = await StartAsync($"DICOM-INGEST@127.0.0.1:{second.DimsePort}", "IMAGING__DIMSE__MOVEASSOCIATIONS=3");
        TestInstance[] study = [.. Enumerable.Range(1, 20).Select(number => Instance(
            $"ours {number}", number % 2 == 0 ? Syntax.JpegLs : Syntax.ExplicitBig) with { StudyUid = TestUid.Create("study to move") })];
        StowReply stored = await first.Client.StoreAllAsync(study.Select(instance => (ReadOnlyMemory<byte>)instance.ToPart10()));

        RetrieveReport report = await first.MoveAsync("DICOM-INGEST", [study[0].StudyUid]);

        Assert.Equal((DimseStatus.Success, new SubOperations(null, 20, 0, 0)), (report.Status, report.SubOperations));
        Assert.Equal(20, stored.Stored.Count);
        foreach (StoredPath path in stored.Stored)
        {
            byte[] moved = await second.Client.RetrieveAsync(path);
            byte[] kept = await first.Client.RetrieveAsync(path);
            Assert.True(Part10Split.DataSet(moved).SequenceEqual(Part10Split.DataSet(kept)), path.Sop);
        }
    }

    /// <summary>Stores all files, moves all of their studies at once, and compares.</summary>
    /// <remarks>The server re-encodes instances that it has warned of as irregular.</remarks>
    private async Task MoveAllAsync(IEnumerable<TestFile> files)
    {
        await using StorescpServer destination = await StorescpServer.StartAsync(_folder.Sub("destination"), null, "+xa");
        await using Server server = await StartAsync($"{StorescpServer.AeTitle}@127.0.0.1:{destination.Port}");
        HashSet<StoredPath> paths = [];
        foreach (TestFile file in files.Where(file => file.Expectation != Expectation.Reject))
        {
            paths.UnionWith((await server.Client.StoreAsync(file.Bytes)).Stored);
        }

        RetrieveReport report = await server.MoveAsync(StorescpServer.AeTitle, paths.Select(path => path.Study));

        string[] failed = report.FailedInstances();
        List<string> faults = [];
        int same = 0;
        foreach (StoredPath path in paths)
        {
            using HttpResponseMessage answer = await server.Client.GetStoredAsync(path);
            byte[] stored = await answer.Content.ReadAsByteArrayAsync();
            bool isIrregular = answer.Headers.Warning.Count > 0;
            string syntax = DimseSender.Read(stored).Head!.Meta.TransferSyntaxUid!;
            if (failed.Contains(path.Sop))
            {
                faults.AddRange(
                    KnownToDcmtk.Contains(syntax) && Part10Split.DataSet(stored).Length % 2 == 0 ? [$"{path.Sop} in {syntax} failed"] : []);
            }
            else if (!isIrregular && Part10Split.DataSet(stored).Length % 2 == 0 && paths.Count(other => other.Sop == path.Sop) == 1)
            {
                same++;
                faults.AddRange(Part10Split.DataSet(destination.Read(path.Sop)).SequenceEqual(Part10Split.DataSet(stored))
                    ? []
                    : [$"{path.Sop} in {syntax} differs"]);
            }
        }

        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
        Assert.True(
            same > 0 && report.SubOperations!.Failed == failed.Length && report.SubOperations.Completed + failed.Length == paths.Count,
            $"{report.Status} {report.SubOperations}, {paths.Count} instances.");
    }

    private Task<Server> StartAsync(string peers, params string[] more)
        => Server.StartAsync(_folder.Sub("data"), ["env", $"IMAGING__DIMSE__PEERS={peers}", .. more]);

    /// <summary>Returns the files that getscu writes.</summary>
    private async Task<string[]> GetAsync(Server server, string name, params string[] options)
    {
        string folder = Directory.CreateDirectory(_folder.Sub("got " + name)).FullName;
        (int exitCode, string said) = await RunAsync(server, "getscu", [.. options, "-v", "+B", "-od", folder]);
        Assert.True(exitCode == 0, said);
        return Directory.GetFiles(folder);
    }

    private static async Task<(int ExitCode, string Said)> RunAsync(Server server, string tool, params string[] options)
    {
        (int exitCode, string output, string error) = await ExternalProcess.RunAsync(
            tool,
            ["-aec", "DICOM-INGEST", .. options, "127.0.0.1", server.DimsePort.ToString(CultureInfo.InvariantCulture)],
            "",
            TestTimeout);
        return (exitCode, output + error);
    }

    /// <summary>Encapsulated pixel data needs no real code stream: nobody decodes it on the way.</summary>
    private static TestInstance Instance(string name, string syntax)
    {
        TestInstance plain = new(name) { TransferSyntaxUid = syntax, PixelData = new byte[16] };
        return syntax is Syntax.ExplicitLittle or Syntax.ExplicitBig or Syntax.ImplicitLittle or Syntax.Deflated
            ? plain
            : plain with { PixelData = null, Change = data => data.Fragments([], [0xFF, 0xD8, 0xFF, 0xD9]) };
    }

    private static IEnumerable<string> Names(params TestInstance[] instances) => instances.Select(instance => instance.SopUid).Order();
}

/// <summary>Requests C-MOVE like a workstation.</summary>
internal static class RetrieveCalls
{
    private const string StudyRootMove = "1.2.840.10008.5.1.4.1.2.2.2";

    /// <summary>Moves studies; returns the final report.</summary>
    public static async Task<RetrieveReport> MoveAsync(this Server server, string destination, IEnumerable<string> studies)
    {
        await using DimseSender scu = await DimseSender.ConnectAsync(server.DimsePort, [(StudyRootMove, Syntax.ImplicitLittle)]);
        byte[] identifier = new DataSetBuilder().Text(0x0008_0052, "CS", "STUDY")
            .Text(Tag.StudyInstanceUid, "UI", string.Join('\\', studies.Distinct()))
            .Encode(Wire.ImplicitLittle);
        RetrieveReport? last = null;
        await foreach (RetrieveReport report in MoveScu.MoveAsync(
            scu.Association, StudyRootMove, new AeTitle(destination), identifier, CancellationToken.None))
        {
            last = report;
        }

        return last!;
    }

    /// <summary>Returns the UIDs in (0008,0058) of a final report.</summary>
    public static string[] FailedInstances(this RetrieveReport report)
        => report.DataSet.IsEmpty ? [] : System.Text.Encoding.ASCII.GetString(report.DataSet.Span[8..]).TrimEnd('\0').Split('\\');
}
