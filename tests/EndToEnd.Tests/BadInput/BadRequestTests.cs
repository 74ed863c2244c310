using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.BadInput;

/// <summary>Paths, queries, methods and headers that ask for something that does not exist, and unusual but valid ones.</summary>
[Collection(SharedServer.Collection)]
public sealed class BadRequestTests(SharedServer shared) : IAsyncLifetime
{
    private readonly BadInputServer _server = shared.Tested;

    public Task InitializeAsync() => _server.ShouldStoreAsync();

    public Task DisposeAsync() => _server.ShouldBeUnharmedAsync();

    [Theory]
    [InlineData("/dicom-web/studies", "image/png")]
    [InlineData("/dicom-web/instances", "text/html")]
    [InlineData("/wado-rs/series", "application/x-nobody-knows")]
    public async Task An_unknown_Accept_is_406_that_names_what_can_be_had(string path, string accept)
        => Assert.Contains("application/dicom+json", (await _server.GetAsync(path, accept)).ShouldBeProblem(406), StringComparison.Ordinal);

    [Fact]
    public async Task An_unknown_attribute_is_left_out_with_a_warning()
    {
        Reply reply = await _server.GetAsync("/dicom-web/studies?NoSuchAttribute=1&limit=1");

        Assert.Equal(200, reply.Status);
        Assert.Contains("299", reply.Header("warning"), StringComparison.Ordinal);
        Assert.Contains("NoSuchAttribute", reply.Header("warning"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("offset=-1")]
    [InlineData("offset=1.5")]
    [InlineData("limit=abc")]
    [InlineData("limit=-5")]
    [InlineData("fuzzymatching=maybe")]
    [InlineData("StudyDate=Verborgen")]
    [InlineData("PatientName=%FF%FE")]
    public async Task A_parameter_that_cannot_be_meant_is_400(string query)
    {
        Reply reply = await _server.GetAsync("/dicom-web/studies?" + query);

        reply.ShouldBeProblem(400);
        Sample.ShouldHoldNoSecret(reply.Body);
    }

    [Theory]
    [InlineData("/dicom-web/studies/abc", 400)]
    [InlineData("/dicom-web/studies/1..2/metadata", 400)]
    [InlineData("/dicom-web/studies/1.2.3/series/x/instances", 400)]
    [InlineData("/dicom-web/studies/1.2.3/series/1.2/instances/1.2.3./frames/1", 400)]
    [InlineData("/dicom-web/studies/..%2F..%2Fetc%2Fpasswd", 400)]
    [InlineData("/dicom-web/studies/%2e%2e%5c%2e%2e%5cmanifest.db", 400)]
    [InlineData("/dicom-web/studies/1.2.3%00", 400)]
    [InlineData("/dicom-web/studies/1.2.3", 404)]
    [InlineData("/dicom-web/studies/1.2.3/metadata", 404)]
    [InlineData("/dicom-web/patients", 404)]
    [InlineData("/dicom-web/../../etc/passwd", 404)]
    [InlineData("/nothing/here", 404)]
    public async Task A_path_that_leads_nowhere_is_a_problem(string path, int status)
    {
        // The framework's client would tidy the path up before it sends it.
        await using RawConnection connection = await RawConnection.OpenAsync(_server.Server);
        await connection.SendAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");

        Reply reply = await connection.ReadReplyAsync();

        // Kestrel refuses a NUL before the pipeline sees the request, and its answer has no body.
        if (path.Contains("%00", StringComparison.Ordinal) && reply.Content.Length == 0)
        {
            Assert.Equal(status, reply.Status);
            return;
        }

        reply.ShouldBeProblem(status);
    }

    [Theory]
    [InlineData("/dicom-web/studies/..%2F..%2Fetc")]
    [InlineData("/stow-rs/studies/1.2.3;drop")]
    public async Task A_path_that_is_no_study_is_400_for_stores_and_deletions(string path)
    {
        (await _server.PostAsync(Sample.New().ToPart10(), path)).ShouldBeProblem(400);
        using HttpRequestMessage deletion = new(HttpMethod.Delete, path);
        (await _server.SendAsync(deletion)).ShouldBeProblem(400);
    }

    [Fact]
    public async Task A_method_that_a_path_does_not_have_is_405_that_names_those_it_has()
    {
        using HttpRequestMessage request = new(HttpMethod.Put, "/dicom-web/studies");

        Reply reply = await _server.SendAsync(request);

        Assert.Contains("POST", reply.ShouldBeProblem(405), StringComparison.Ordinal);
        Assert.Contains("GET", reply.Header("allow"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HEAD_and_OPTIONS_are_answered()
    {
        using HttpRequestMessage head = new(HttpMethod.Head, "/dicom-web/studies?limit=1");
        Reply headReply = await _server.SendAsync(head);
        using HttpRequestMessage options = new(HttpMethod.Options, "/dicom-web/studies");
        Reply optionsReply = await _server.SendAsync(options);

        Assert.Equal((200, 0), (headReply.Status, headReply.Content.Length));
        Assert.Equal((204, 0), (optionsReply.Status, optionsReply.Content.Length));
        Assert.Contains("POST", optionsReply.Header("allow"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_preflight_of_another_origin_allows_nothing()
    {
        using HttpRequestMessage preflight = new(HttpMethod.Options, "/stow-rs/studies");
        preflight.Headers.TryAddWithoutValidation("Origin", "https://viewer.example");
        preflight.Headers.TryAddWithoutValidation("Access-Control-Request-Method", "POST");
        preflight.Headers.TryAddWithoutValidation("Access-Control-Request-Headers", "authorization, content-type");

        Reply reply = await _server.SendAsync(preflight);

        Assert.Equal(204, reply.Status);
        Assert.DoesNotContain(reply.Headers.Keys, name => name.StartsWith("access-control-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Expect_100_continue_of_curl_works()
    {
        TestInstance instance = Sample.New(100_000);
        using TemporaryFolder folder = new();
        string file = folder.Sub("one.dcm");
        await File.WriteAllBytesAsync(file, instance.ToPart10());

        (int exitCode, string output, string error) = await ExternalProcess.RunAsync(
            "curl",
            [
                "-sS",
                "-v",
                "-H",
                "Expect: 100-continue",
                "-H",
                "Content-Type: application/dicom",
                "--data-binary",
                "@" + file,
                new Uri(_server.Server.Root, "dicom-web/studies").ToString()
            ],
            "",
            TimeSpan.FromSeconds(30));

        Assert.True(exitCode == 0, error);
        Assert.Contains("100 Continue", error, StringComparison.Ordinal);
        Assert.Contains(instance.SopUid, output, StringComparison.Ordinal);
        await _server.ShouldReturnAsync(instance);
    }

    [Fact]
    public async Task Who_will_be_refused_is_told_before_sending_the_body()
    {
        await using RawConnection connection = await RawConnection.BeginStoreAsync(
            _server.Server, "Content-Type: image/jpeg", "Content-Length: 1000000", "Expect: 100-continue");

        (await connection.ReadReplyAsync()).ShouldBeProblem(415);
    }
}
