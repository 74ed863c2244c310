using ImagingIngestion.EndToEnd.Tests.Clients;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Bindings;

/// <summary>A C-STORE binding to independent storage SCPs.</summary>
public sealed class DimseToPeersTests : IDisposable
{
    /// <summary>Orthanc deflates the data set again that arrives over DIMSE.</summary>
    private const string Deflated = "native/deflated.dcm";

    private readonly TemporaryFolder _folder = new();

    [ToolFact(Tools.Dcmtk)]
    public async Task Five_hundred_instances_arrive_at_storescp_over_two_associations()
    {
        await using StorescpServer target = await StorescpServer.StartAsync(_folder.Sub("target"));
        await using Server source = await BindingSource.StartDimseAsync(_folder.Sub("source"), target.Port, StorescpServer.AeTitle);
        int before = target.Associations;

        IReadOnlyList<StoredPath> paths = await source.StoreFilesAsync(BindingSource.Study("storescp many", 500).Files());

        Assert.Equal(0, await source.WaitUntilDeliveredAsync());
        Assert.Equal(500, target.Received);
        Assert.InRange(target.Associations - before, 0, 3);
        await AssertReceivedAsync(source, target, paths);
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task Every_kind_of_file_arrives_at_storescp_as_it_is_stored()
    {
        await using StorescpServer target = await StorescpServer.StartAsync(_folder.Sub("target"), null, "+xa");
        await using Server source = await BindingSource.StartDimseAsync(_folder.Sub("source"), target.Port, StorescpServer.AeTitle);

        IReadOnlyList<StoredPath> paths = await source.StoreFilesAsync(
            TestFiles.All.Where(file => file.Expectation == Expectation.Store && IsKnownToDcmtk(file)).Select(file => file.Bytes));

        Assert.True(await source.WaitUntilDeliveredAsync() == 0, await source.DeadLettersAsync());
        await AssertReceivedAsync(source, target, paths);
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task A_target_that_takes_only_implicit_VR_gets_native_instances_and_no_compressed_ones()
    {
        await using StorescpServer target = await StorescpServer.StartAsync(_folder.Sub("target"), null, "+xi");
        await using Server source = await BindingSource.StartDimseAsync(_folder.Sub("source"), target.Port, StorescpServer.AeTitle);
        TestInstance[] study = BindingSource.Study("storescp implicit", 5);

        await source.StoreFilesAsync([.. study.Files(), TestFiles.Get("encapsulated/rle.dcm").Bytes]);

        Assert.Equal(1, await source.WaitUntilDeliveredAsync());
        Assert.Contains(Syntax.Rle, await source.DeadLettersAsync(), StringComparison.Ordinal);
        Assert.All(study, instance => Assert.Equal(
            (instance with { TransferSyntaxUid = Syntax.ImplicitLittle }).ToDataSet(),
            Part10Split.DataSet(target.Read(instance.SopUid)).ToArray()));
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task What_came_while_the_target_was_down_is_delivered_when_it_is_back()
    {
        int port = OrthancServer.FreePort();
        await using Server source = await BindingSource.StartDimseAsync(_folder.Sub("source"), port, StorescpServer.AeTitle);

        IReadOnlyList<StoredPath> paths = await source.StoreFilesAsync(BindingSource.Study("storescp down", 50).Files());
        Assert.True(await BindingSource.WaitAsync(async () => (await source.Client.GetStringAsync("bindings/archive")).Contains(
            "cursor", StringComparison.Ordinal) && source.Output.ToString().Contains("ConnectionRefused", StringComparison.Ordinal)));
        await using StorescpServer target = await StorescpServer.StartAsync(_folder.Sub("target"), port);

        Assert.Equal(0, await source.WaitUntilDeliveredAsync());
        await AssertReceivedAsync(source, target, paths);
    }

    [ToolFact(Tools.Orthanc)]
    public async Task A_study_and_every_kind_of_file_that_Orthanc_takes_arrive_identical()
    {
        await using OrthancServer orthanc = await OrthancServer.StartAsync(_folder.Sub("orthanc"), new Uri("http://127.0.0.1:9/"));
        await using Server source = await BindingSource.StartDimseAsync(_folder.Sub("source"), orthanc.DicomPort, "ORTHANC");
        ReadOnlyMemory<byte>[] files =
        [
            .. new ClientStudy("orthanc dimse").Files.Select(file => file.Bytes),
            .. OrthancClientTests.MoreFiles.Where(name => name != Deflated).Select(name => TestFiles.Get(name).Bytes),
            .. BindingSource.Study("orthanc dimse", 100).Files()
        ];

        IReadOnlyList<StoredPath> paths = await source.StoreFilesAsync(files);

        Assert.True(await source.WaitUntilDeliveredAsync() == 0, await source.DeadLettersAsync());
        await StowToOrthancTests.AssertHeldAsync(orthanc, source, paths);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>DCMTK takes the syntaxes of its own dictionary, and aborts at a data set of odd length, which PS3.5 forbids.</summary>
    private static bool IsKnownToDcmtk(TestFile file) => Part10Split.DataSet(file.Bytes.Span).Length % 2 == 0
        && file.TransferSyntaxUid is Syntax.ExplicitLittle or Syntax.ImplicitLittle or Syntax.ExplicitBig or Syntax.Deflated
        or Syntax.JpegBaseline or Syntax.JpegLossless or Syntax.JpegLs or Syntax.Jpeg2000 or Syntax.Mpeg2 or Syntax.Rle;

    private static async Task AssertReceivedAsync(Server source, StorescpServer target, IReadOnlyList<StoredPath> paths)
    {
        foreach (StoredPath path in paths.Distinct())
        {
            byte[] sent = await source.Client.RetrieveAsync(path);
            Assert.True(Part10Split.DataSet(sent).SequenceEqual(Part10Split.DataSet(target.Read(path.Sop))), $"{path} differs.");
        }
    }
}
