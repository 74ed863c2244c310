using System.Globalization;
using System.Text.Json.Nodes;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Dimse;

/// <summary>DCMTK's tools as a modality.</summary>
[Collection(RunningServer.Collection)]
public sealed class DcmtkStoreTests(RunningServer server) : IDisposable
{
    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();

    private string Files => Directory.CreateDirectory(_folder.Sub("files")).FullName;

    public void Dispose() => _folder.Dispose();

    [ToolFact(Tools.Dcmtk)]
    public async Task Echoscu_is_answered()
    {
        (int exitCode, string said) = await RunAsync("echoscu", "-v", "-aec", "DICOM-INGEST");

        Assert.Equal(0, exitCode);
        Assert.Contains("Success", said, StringComparison.Ordinal);
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task A_title_that_is_not_ours_is_rejected()
    {
        (int exitCode, string said) = await RunAsync("echoscu", "-aec", "SOMEBODY");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("Called AE Title Not Recognized", said, StringComparison.Ordinal);
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task Storescu_sends_every_transfer_syntax_that_it_can_and_each_comes_back_as_sent()
    {
        (string Option, string Syntax)[] syntaxes =
        [
            ("-xe", Syntax.ExplicitLittle), ("-xb", Syntax.ExplicitBig), ("-xi", Syntax.ImplicitLittle), ("-xd", Syntax.Deflated),
            ("-xy", Syntax.JpegBaseline), ("-xs", Syntax.JpegLossless),
            ("-xt", Syntax.JpegLs), ("-xv", Syntax.Jpeg2000), ("-xr", Syntax.Rle),
        ];
        List<string> faults = [];
        foreach ((string option, string syntax) in syntaxes)
        {
            TestInstance instance = Instance(syntax);
            string file = Path.Combine(Files, syntax + ".dcm");
            await File.WriteAllBytesAsync(file, instance.ToPart10());
            (int exitCode, string said) = await RunAsync("storescu", "-v", option, "-R", "-aec", "DICOM-INGEST", "--", file);
            if (exitCode != 0)
            {
                faults.Add($"{option}: {exitCode} {said}");
                continue;
            }

            byte[] back = await server.Client.RetrieveAsync(new StoredPath(instance.StudyUid, instance.SeriesUid, instance.SopUid));
            (Part10Head? head, _, ReadOnlyMemory<byte> dataSet) = DimseSender.Read(back);
            if (head?.Meta.TransferSyntaxUid != syntax || (syntax != Syntax.Deflated && !dataSet.Span.SequenceEqual(instance.ToDataSet())))
            {
                faults.Add($"{option}: came back as {head?.Meta.TransferSyntaxUid}, {dataSet.Length} bytes");
            }
        }

        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }

    [ToolFact(Tools.Dcmtk)]
    [Trait(InACluster.Trait, InACluster.Value)]
    public async Task What_came_by_storescu_is_a_duplicate_when_it_is_posted_and_makes_no_second_event()
    {
        TestInstance instance = Instance(Syntax.ExplicitLittle, "sent and posted");
        TestInstance another = Instance(Syntax.ExplicitLittle, "another");
        string file = Path.Combine(Files, "one.dcm");
        long begin = JsonNode.Parse(await server.Client.GetStringAsync("changefeed/latest"))!["latest"]!.GetValue<long>();
        await File.WriteAllBytesAsync(file, instance.ToPart10());
        Assert.Equal(0, (await RunAsync("storescu", "-aec", "DICOM-INGEST", "--", file)).ExitCode);
        IReadOnlyList<string> before = await EventsAsync(begin, until: instance);

        StowReply reply = await server.Client.StoreAsync(instance.ToPart10());
        Assert.Equal(0, (await RunAsync("storescu", "-aec", "DICOM-INGEST", "--", file)).ExitCode);
        StowReply other = await server.Client.StoreAsync(another.ToPart10());
        IReadOnlyList<string> after = await EventsAsync(begin, until: another);

        Assert.Equal((200, 200), (reply.Status, other.Status));
        Assert.Single(before, row => IsOf(row, instance));
        Assert.Single(after, row => IsOf(row, instance));
        Assert.Single(after, row => IsOf(row, another));
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task Storescu_hears_of_no_user_as_confirmed_because_nobody_looked_at_it()
    {
        string file = Path.Combine(Files, "identified.dcm");
        await File.WriteAllBytesAsync(file, Instance(Syntax.ExplicitLittle, "identified").ToPart10());

        (int told, _) = await RunAsync("storescu", "-usr", "admin", "-pwd", "secret", "-aec", "DICOM-INGEST", "--", file);
        (int asked, string said) =
            await RunAsync("storescu", "-v", "-usr", "admin", "-pwd", "secret", "-rsp", "-aec", "DICOM-INGEST", "--", file);

        Assert.Equal(0, told);
        Assert.NotEqual(0, asked);
        Assert.Contains("Positive response requested but none received", said, StringComparison.Ordinal);
    }

    /// <summary>Encapsulated pixel data needs no real code stream: nobody decodes it on the way.</summary>
    private static TestInstance Instance(string syntax, string? name = null)
    {
        TestInstance plain = new(name ?? "storescu " + syntax) { TransferSyntaxUid = syntax, PixelData = new byte[16] };
        bool isNative = syntax is Syntax.ExplicitLittle or Syntax.ExplicitBig or Syntax.ImplicitLittle or Syntax.Deflated;
        return isNative ? plain : plain with { PixelData = null, Change = data => data.Fragments([], [0xFF, 0xD8, 0xFF, 0xD9]) };
    }

    /// <summary>Reads the events of stored instances behind a number until one of them names the given instance.</summary>
    private async Task<IReadOnlyList<string>> EventsAsync(long begin, TestInstance until)
    {
        List<string> events = [];
        while (!events.Any(row => IsOf(row, until)))
        {
            JsonNode page = JsonNode.Parse(
                await server.Client.GetStringAsync($"changefeed?after={begin}&wait=10s&types=ImageStoredEvent"))!;
            events.AddRange(page["events"]!.AsArray().Select(row => row!.ToJsonString()));
            begin = page["next"]!.GetValue<long>();
        }

        return events;
    }

    private static bool IsOf(string row, TestInstance instance) => row.Contains(instance.SopUid, StringComparison.Ordinal);

    private async Task<(int ExitCode, string Said)> RunAsync(string tool, params string[] arguments)
    {
        int end = Array.IndexOf(arguments, "--");
        string[] options = end < 0 ? arguments : arguments[..end];
        string[] files = end < 0 ? [] : arguments[(end + 1)..];
        (int exitCode, string output, string error) = await ExternalProcess.RunAsync(
            tool, [.. options, "127.0.0.1", server.DimsePort.ToString(CultureInfo.InvariantCulture), .. files], "", TestTimeout);
        return (exitCode, output + error);
    }
}
