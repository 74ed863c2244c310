using System.Text;
using ImagingIngestion.Gateways.Tests.Http;
using ImagingIngestion.TestData;

namespace ImagingIngestion.Gateways.Tests.Stow;

/// <summary>The status and the body of answers to store requests (PS3.18 section 10.5.3).</summary>
public sealed class StowStatusTests : IAsyncLifetime
{
    private static readonly string OtherStudy = TestUid.Create("another study");

    private GatewayServer _server = null!;

    public async Task InitializeAsync() => _server = await GatewayServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task All_stored_is_200_with_absolute_urls_and_no_failure_sequences()
    {
        TestInstance one = new("one") { PixelData = new byte[16] };
        TestInstance two = new("two") { StudyUid = one.StudyUid, PixelData = new byte[16] };

        StowReply reply = await _server.PostAsync("/dicom-web/studies", one.ToPart10(), two.ToPart10());

        Assert.Equal(200, reply.Status);
        Assert.Equal("application/dicom+json", reply.ContentType);
        Assert.Equal(2, reply.Stored);
        Assert.False(reply.Has("00081198"));
        Assert.False(reply.Has("0008119A"));
        Assert.Equal($"{_server.Client.BaseAddress}dicom-web/studies/{one.StudyUid}", reply.RetrieveUrl);
        Assert.Equal(
            $"{_server.Client.BaseAddress}dicom-web/studies/{one.StudyUid}/series/{one.SeriesUid}/instances/{one.SopUid}",
            reply.Items("00081199")[0].GetProperty("00081190").GetProperty("Value")[0].GetString());
        Assert.Equal(2, (await _server.InstancesAsync(one.StudyUid)).Count);
    }

    [Fact]
    public async Task The_store_root_names_the_root_that_retrieves()
        => Assert.StartsWith(
            $"{_server.Client.BaseAddress}wado-rs/studies/",
            (await _server.PostAsync("/stow-rs/studies", new TestInstance("one").ToPart10())).RetrieveUrl,
            StringComparison.Ordinal);

    [Fact]
    public async Task Stored_with_a_warning_is_202()
    {
        TestInstance odd = new("odd")
        {
            Change = data => data.Custom(0x0009_0010, writer => writer.Element(0x0009_0010, "LO", [65, 66, 67]))
        };

        StowReply reply = await _server.PostAsync("/dicom-web/studies", new TestInstance("fine").ToPart10(), odd.ToPart10());

        Assert.Equal(202, reply.Status);
        Assert.Equal(2, reply.Stored);
        Assert.Equal([0xB007], reply.Warnings);
        Assert.False(reply.Has("00081198"));
    }

    [Fact]
    public async Task One_bad_part_among_good_ones_is_202_and_fails_alone()
    {
        byte[][] parts = [.. Enumerable.Range(0, 50).Select(number => new TestInstance("good " + number).ToPart10())];
        parts[20] = "not DICOM at all"u8.ToArray();

        StowReply reply = await _server.PostAsync("/dicom-web/studies", parts);

        Assert.Equal(202, reply.Status);
        Assert.Equal(49, reply.Stored);
        Assert.Equal([0xC000], reply.OtherFailures);
        Assert.False(reply.Has("00081198"));
    }

    [Fact]
    public async Task Another_study_than_the_one_in_the_path_is_409_with_A901()
    {
        StowReply reply = await _server.PostAsync("/dicom-web/studies/" + OtherStudy, new TestInstance("one").ToPart10());

        Assert.Equal(409, reply.Status);
        Assert.Equal([0xA901], reply.Failures);
        Assert.False(reply.Has("00081190"));
        Assert.False(reply.Has("00081199"));
        Assert.Empty(_server.Objects);
    }

    [Fact]
    public async Task A_mix_of_studies_with_a_study_in_the_path_is_202()
    {
        TestInstance right = new("right") { StudyUid = OtherStudy };

        StowReply reply = await _server.PostAsync("/stow-rs/studies/" + OtherStudy, right.ToPart10(), new TestInstance("wrong").ToPart10());

        Assert.Equal(202, reply.Status);
        Assert.Equal(1, reply.Stored);
        Assert.Equal([0xA901], reply.Failures);
    }

    [Fact]
    public async Task Nothing_that_can_be_read_is_409_with_other_failures()
    {
        StowReply reply = await _server.PostAsync("/dicom-web/studies", "junk"u8.ToArray(), new byte[1000], []);

        Assert.Equal(409, reply.Status);
        Assert.Equal([0xC000, 0xC000, 0xC000], reply.OtherFailures);
        Assert.False(reply.Has("00081198"));
    }

    [Theory]
    [InlineData(Tag.StudyInstanceUid)]
    [InlineData(Tag.SeriesInstanceUid)]
    public async Task A_missing_uid_is_409_with_0117(uint tag)
    {
        StowReply reply =
            await _server.PostAsync("/dicom-web/studies", new TestInstance("one") { Change = data => data.Remove(tag) }.ToPart10());

        Assert.Equal(409, reply.Status);
        Assert.Equal([0x0117], reply.Failures);
        Assert.Empty(_server.Objects);
    }

    [Theory]
    [InlineData(Tag.SopInstanceUid)]
    [InlineData(Tag.SopClassUid)]
    public async Task An_instance_without_a_name_is_an_other_failure(uint tag)
        => Assert.Equal([0x0117], (await _server.PostAsync(
            "/dicom-web/studies", new TestInstance("one") { Change = data => data.Remove(tag) }.ToPart10())).OtherFailures);

    [Fact]
    public async Task A_directory_is_409_with_0122()
    {
        byte[] directory = Part10.File(Syntax.ExplicitLittle, "1.2.840.10008.1.3.10", "1.2.3", new TestInstance("one").ToDataSet());

        StowReply reply = await _server.PostAsync("/dicom-web/studies", directory);

        Assert.Equal(409, reply.Status);
        Assert.Equal(0x0122, Assert.Single([.. reply.Failures, .. reply.OtherFailures]));
    }

    [Fact]
    public async Task A_truncated_instance_fails_and_leaves_nothing_behind()
    {
        byte[] whole = new TestInstance("cut") { Rows = 512, Columns = 512, PixelData = new byte[512 * 512] }.ToPart10();

        StowReply reply = await _server.PostAsync("/dicom-web/studies", whole[..^100]);

        Assert.Equal(409, reply.Status);
        Assert.Equal([0xC000], reply.Failures);
        Assert.Empty(_server.Objects);
        Assert.DoesNotContain(
            Directory.EnumerateFiles(_server.ObjectsFolder, "*", SearchOption.AllDirectories),
            file => !file.Contains("/_installation/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_body_without_its_end_keeps_what_came_whole()
    {
        byte[] body = MultipartMessages.Build(
            "b", new TestInstance("one").ToPart10(), new TestInstance("two") { PixelData = new byte[4000] }.ToPart10());

        StowReply reply =
            await _server.PostAsync("/dicom-web/studies", Content(body[..^3000], "multipart/related; type=application/dicom; boundary=b"));

        Assert.Equal(202, reply.Status);
        Assert.Equal(1, reply.Stored);
        Assert.Equal([0xC000], reply.Failures);
    }

    [Theory]
    [InlineData("--other\r\n\r\n\r\n--other--", "multipart/related; type=application/dicom; boundary=b", 400)]
    [InlineData("", "multipart/related; type=application/dicom; boundary=b", 400)]
    [InlineData("--b--", "multipart/related; type=application/dicom; boundary=b", 400)]
    [InlineData("--b\r\nno colon\r\n\r\n--b--", "multipart/related; type=application/dicom; boundary=b", 400)]
    [InlineData("x", "multipart/related; type=application/dicom", 400)]
    [InlineData("x", "multipart/related; type=\"application/dicom+json\"; boundary=b", 415)]
    [InlineData("x", "multipart/related; type=\"application/dicom+xml\"; boundary=b", 415)]
    [InlineData("x", "multipart/form-data; boundary=b", 415)]
    [InlineData("x", "image/jpeg", 415)]
    [InlineData("x", null, 415)]
    public async Task A_request_that_cannot_be_read_is_a_problem_that_says_what_to_send(string body, string? contentType, int status)
    {
        StowReply reply = await _server.PostAsync("/dicom-web/studies", Content(Encoding.ASCII.GetBytes(body), contentType));

        Assert.Equal(status, reply.Status);
        Assert.Equal("application/problem+json", reply.ContentType);
        Assert.Contains("\"detail\"", reply.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_study_in_the_path_that_is_no_uid_is_400()
        => Assert.Equal(400, (await _server.PostAsync("/dicom-web/studies/abc", new TestInstance("one").ToPart10())).Status);

    [Theory]
    [InlineData("image/jpeg", 406, "application/problem+json")]
    [InlineData("application/dicom+xml", 200, "application/dicom+xml")]
    [InlineData("multipart/related; type=\"application/dicom+xml\"", 200, "multipart/related")]
    [InlineData("application/json", 200, "application/json")]
    [InlineData("*/*", 200, "application/dicom+json")]
    public async Task The_answer_is_written_as_the_client_asks(string accept, int status, string contentType)
    {
        StowReply reply =
            await _server.PostAsync("/dicom-web/studies", Content(new TestInstance("one").ToPart10(), "application/dicom"), accept);

        Assert.Equal(status, reply.Status);
        Assert.Equal(contentType, reply.ContentType);
    }

    [Fact]
    public async Task A_compressed_body_is_415()
    {
        ByteArrayContent content = Content([1, 2, 3], "application/dicom");
        content.Headers.ContentEncoding.Add("gzip");

        Assert.Equal(415, (await _server.PostAsync("/dicom-web/studies", content)).Status);
    }

    [Fact]
    public async Task A_single_body_is_an_instance()
        => Assert.Equal(200, (await _server.PostAsync(
            "/stow-rs/studies",
            Content(new TestInstance("one").ToPart10(), "application/dicom; transfer-syntax=1.2.840.10008.1.2"))).Status);

    [Fact]
    public async Task No_answer_holds_patient_data()
    {
        TestInstance named = new("one") { PatientName = "Secret^Name", PatientId = "SECRETID" };
        byte[] whole = named.ToPart10();

        foreach (byte[] body in new[] { whole, whole[..^5], named with { StudyUid = "Secret^Name" } is { } bad ? bad.ToPart10() : [] })
        {
            Assert.DoesNotContain("secret", (await _server.PostAsync("/dicom-web/studies", body)).Body, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Every_test_file_leads_to_what_is_known_of_it()
    {
        List<string> wrong = [];
        foreach (TestFile file in TestFiles.All)
        {
            StowReply reply = await _server.PostAsync("/dicom-web/studies", Content(file.Bytes.ToArray(), "application/dicom"));
            bool isExpected = file.Expectation switch
            {
                Expectation.Store => reply.Status is 200 or 202,
                Expectation.Reject => reply.Status is 409 or 400,
                _ => reply.Status is 200 or 202 or 409,
            };
            if (!isExpected)
            {
                wrong.Add($"{file.Name}: {file.Expectation} but {reply.Status} {reply.Body}");
            }
        }

        Assert.Empty(wrong);
    }

    private static ByteArrayContent Content(byte[] body, string? contentType)
    {
        ByteArrayContent content = new(body);
        if (contentType is not null)
        {
            // As some clients write it; the framework's own header type would refuse unquoted values.
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        return content;
    }
}
