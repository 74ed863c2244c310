using System.Net;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.EndToEnd.Tests.Bindings;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Labels;

/// <summary>The answers to the sender and to the readers of a mislabelled file.</summary>
[Collection(RunningServer.Collection)]
public sealed class MislabelledTests(RunningServer server)
{
    private const int Discarded = 0xB006;
    private const int Mismatch = 0xB007;
    private const string StoredBytes = "application/dicom; transfer-syntax=*";

    private readonly Server _server = server.Server;

    [Fact]
    public async Task A_sender_is_warned_by_STOW_RS_and_by_C_STORE()
    {
        foreach ((string name, int warning) in new[]
        {
            ("fragments under " + Syntax.ExplicitLittle, Mismatch), ("native pixels under JPEG", Mismatch), ("implicit JPEG", Mismatch),
            ("implicit element in explicit", Mismatch),
            ("stray sequence delimiter", Mismatch), ("sequence that ends before its length", Mismatch),
            ("fragments without end", Mismatch), ("lower case VR", Mismatch), ("text in a sequence tag, implicit", Mismatch),
            ("deflate within zlib", Mismatch), ("file meta in the middle", Discarded), ("file meta twice", Discarded),
            ("NUL at the end", Discarded),
            ("CRLF at the end", Discarded), ("many line ends at the end", Discarded), ("0x1A at the end", Discarded),
            ("GE private syntax", 0), ("unknown syntax", 0), ("text in a sequence tag, explicit", 0), ("sequence in a text tag", 0),
        })
        {
            TestFile file = Get(name);
            StowReply reply = await _server.Client.StoreAsync(file.Bytes);
            Assert.Equal((name, warning == 0 ? 200 : 202), (name, reply.Status));
            Assert.True(
                warning == 0 || reply.Body.Contains($"\"00081196\":{{\"vr\":\"US\",\"Value\":[{warning}]}}", StringComparison.Ordinal),
                $"{name}: {reply.Body}");
            await _server.Client.DeleteAsync(reply.Stored[0]);

            await using DimseSender sender =
                await DimseSender.ConnectAsync(_server.DimsePort, [(TestInstance.SecondaryCapture, file.TransferSyntaxUid!)]);
            CStoreResponse response = await sender.StoreAsync(
                TestInstance.SecondaryCapture, file.SopUid!, file.TransferSyntaxUid!, Part10Split.DataSet(file.Bytes.Span).ToArray());
            Assert.Equal((name, name == "file meta twice" ? 0 : warning, null), (name, (int)response.Status.Code, response.ErrorComment));
            await _server.Client.DeleteAsync(reply.Stored[0]);
        }
    }

    [Theory]
    [InlineData("fragments under " + Syntax.ExplicitLittle, null)]
    [InlineData("fragments under " + Syntax.ImplicitLittle, null)]
    [InlineData("fragments under " + Syntax.Deflated, null)]
    [InlineData("native pixels under JPEG", null)]
    [InlineData("native pixels under RLE", null)]
    [InlineData("GE private syntax", MislabelledFiles.GePrivate)]
    [InlineData("unknown syntax", "1.2.3.4.5")]
    [InlineData("lower case VR", Syntax.ExplicitLittle)]
    public async Task Octets_of_pixel_data_leave_under_a_true_label_or_not_at_all(string name, string? label)
    {
        StoredPath path = (await _server.Client.StoreAsync(Get(name).Bytes)).Stored[0];

        foreach (string resource in new[] { "/frames/1", "/bulkdata/7FE00010", "/pixeldata" })
        {
            foreach (string accept in new[]
            {
                "application/octet-stream",
                "application/octet-stream; transfer-syntax=*",
                "*/*",
                "image/jpeg"
            })
            {
                using HttpResponseMessage response = await _server.Client.GetAsync(path.Path + resource, accept);
                bool isRefused = label is null || accept == "image/jpeg";
                Assert.Equal((accept, isRefused ? HttpStatusCode.NotAcceptable : HttpStatusCode.OK), (accept, response.StatusCode));
                Assert.Equal(isRefused ? null : label, response.Content.Headers.ContentType!.Parameters.FirstOrDefault(
                    parameter => parameter.Name == "transfer-syntax")?.Value?.Trim('"'));
            }
        }
    }

    [Fact]
    public async Task An_irregular_data_set_leaves_as_it_came_where_stored_bytes_are_asked_for_and_written_anew_else()
    {
        TestFile file = Get("implicit element in explicit");
        StoredPath path = (await _server.Client.StoreAsync(file.Bytes)).Stored[0];

        using HttpResponseMessage stored = await _server.Client.GetAsync(path.Path, StoredBytes);
        using HttpResponseMessage anew = await _server.Client.GetAsync(path.Path, "application/dicom");

        Assert.Equal(
            Part10Split.DataSet(file.Bytes.Span).ToArray(), Part10Split.DataSet(await stored.Content.ReadAsByteArrayAsync()).ToArray());
        Assert.Equal(299, Assert.Single(stored.Headers.Warning).Code);
        byte[] expected = new TestInstance("mislabelled implicit element in explicit")
        {
            PixelData = new byte[16],
            Change = data => data.Text(Tag.StudyDescription, "LO", "Mixed desc")
        }.ToDataSet();
        Assert.Equal(expected, Part10Split.DataSet(await anew.Content.ReadAsByteArrayAsync()).ToArray());
        Assert.Empty(anew.Headers.Warning);
        Assert.NotEqual(stored.Headers.ETag, anew.Headers.ETag);
    }

    [Theory]
    [InlineData(Syntax.ImplicitLittle)]
    [InlineData(Syntax.ExplicitLittle)]
    [InlineData(Syntax.ExplicitBig)]
    public async Task A_whole_file_as_data_set_of_C_STORE_is_stored_without_its_head(string syntax)
    {
        TestInstance instance = new("whole file in " + syntax) { TransferSyntaxUid = syntax, PixelData = new byte[16] };
        await using DimseSender sender = await DimseSender.ConnectAsync(_server.DimsePort, [(instance.SopClassUid, syntax)]);

        CStoreResponse response = await sender.StoreAsync(instance.SopClassUid, instance.SopUid, syntax, instance.ToPart10());

        Assert.Equal(Discarded, response.Status.Code);
        byte[] stored = await _server.Client.RetrieveAsync(new StoredPath(instance.StudyUid, instance.SeriesUid, instance.SopUid));
        Assert.Equal(instance.ToDataSet(), Part10Split.DataSet(stored).ToArray());
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task A_C_STORE_binding_sends_what_its_target_can_read()
    {
        using TemporaryFolder folder = new();
        await using StorescpServer target = await StorescpServer.StartAsync(folder.Sub("target"), null, "+xa");
        await using Server source = await BindingSource.StartDimseAsync(folder.Sub("source"), target.Port, StorescpServer.AeTitle);
        TestFile[] files =
        [
            Get("implicit element in explicit"),
            Get("implicit JPEG"),
            Get("deflate within zlib"),
            Get("stray item delimiter"),
            Get("fragments without end")
        ];

        await source.StoreFilesAsync(files.Select(file => file.Bytes));

        Assert.True(await source.WaitUntilDeliveredAsync() == 0, await source.DeadLettersAsync());
        foreach (TestFile file in files)
        {
            string received = folder.Sub(file.SopUid + ".dcm");
            await File.WriteAllBytesAsync(received, target.Read(file.SopUid!));
            (int exitCode, _, string error) = await ExternalProcess.RunAsync("dcmdump", ["-q", received], "", TimeSpan.FromMinutes(1));
            Assert.True(exitCode == 0, $"{file}: {error}");
        }
    }

    [Fact]
    public async Task Metadata_names_the_character_set_that_it_is_written_in()
    {
        foreach ((string? declared, byte[] name, string? said) in new (string?, byte[], string?)[]
        {
            ("GB18030", [0xCE, 0xE2], "ISO_IR 192"), ("ISO_IR 100", [0xFC, 0x20], "ISO_IR 192"), (null, [0xFC, 0x20], "ISO_IR 192"),
            (null, "AB"u8.ToArray(), null),
        })
        {
            TestInstance instance = new($"charset {declared} {name.Length} {name[0]}")
            {
                PixelData = new byte[16],
                Change = data => (declared is null ? data : data.Text(Tag.SpecificCharacterSet, "CS", declared)).Bytes(
                    Tag.PatientName, "PN", name),
            };
            StoredPath path = (await _server.Client.StoreAsync(instance.ToPart10())).Stored[0];

            string json =
                await (await _server.Client.GetAsync(path.Path + "/metadata", "application/dicom+json")).Content.ReadAsStringAsync();

            string expected = said is null ? "" : $"\"00080005\":{{\"vr\":\"CS\",\"Value\":[\"{said}\"]}}";
            Assert.True(
                said is null ? !json.Contains("00080005", StringComparison.Ordinal) : json.Contains(expected, StringComparison.Ordinal),
                json);
            Assert.Contains(declared == "GB18030" ? "吴" : name[0] == 0xFC ? "ü" : "AB", json, StringComparison.Ordinal);
        }
    }

    private static TestFile Get(string name) => MislabelledFiles.All().Single(file => file.Name == name);
}
