using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>Behind a reverse proxy, every URL in an answer is one that the client can use.</summary>
public sealed class ProxyTests(ProxiedServer server) : IClassFixture<ProxiedServer>
{
    private const string Public = "https://pacs.example.org/imaging/dicom-web";

    private static readonly (string Name, string Value)[] Forwarding =
        [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "pacs.example.org"), ("X-Forwarded-Prefix", "/imaging")];

    [Fact]
    public async Task Every_URL_in_an_answer_is_below_what_the_proxy_was_asked_for()
    {
        ClientStudy study = new("proxy");

        JsonNode stored = await StoreAsync(server.Client, study, Forwarding);
        JsonNode found = await GetJsonAsync(server.Client, $"dicom-web/studies?StudyInstanceUID={study.Uid}", Forwarding);
        string bulk = BulkDataUri(await GetJsonAsync(server.Client, $"dicom-web/studies/{study.Uid}/metadata", Forwarding));
        string? instance =
            await ContentLocationAsync(server.Client, "dicom-web" + ClientStudy.PathOf(study.Plain), "application/dicom", Forwarding);
        string? frame = await ContentLocationAsync(
            server.Client, "dicom-web" + ClientStudy.PathOf(study.Plain) + "/frames/1", "application/octet-stream", Forwarding);

        Assert.Equal($"{Public}/studies/{study.Uid}", stored["00081190"]!["Value"]![0]!.GetValue<string>());
        Assert.All(stored["00081199"]!["Value"]!.AsArray(), item => Assert.StartsWith(
            $"{Public}/studies/{study.Uid}/series/", item!["00081190"]!["Value"]![0]!.GetValue<string>(), StringComparison.Ordinal));
        Assert.Equal($"{Public}/studies/{study.Uid}", found[0]!["00081190"]!["Value"]![0]!.GetValue<string>());
        Assert.StartsWith($"{Public}/studies/{study.Uid}/series/", bulk, StringComparison.Ordinal);
        Assert.Equal(Public + ClientStudy.PathOf(study.Plain), instance);
        Assert.Equal($"{Public}{ClientStudy.PathOf(study.Plain)}/frames/1", frame);
    }

    [Fact]
    public async Task The_standard_Forwarded_header_is_understood_and_its_first_element_counts()
    {
        ClientStudy study = new("forwarded");

        JsonNode stored = await StoreAsync(
            server.Client,
            study,
            [("Forwarded", "for=192.0.2.60;proto=https;host=\"pacs.example.org:8443\", for=10.0.0.1;proto=http;host=inner")]);

        Assert.Equal($"https://pacs.example.org:8443/dicom-web/studies/{study.Uid}", stored["00081190"]!["Value"]![0]!.GetValue<string>());
    }

    [Fact]
    public async Task A_configured_base_URL_wins_over_the_headers()
    {
        using TemporaryFolder folder = new();
        await using Server configured = await Server.StartAsync(
            folder.Sub("data"),
            ["env", "IMAGING__HTTP__KNOWNPROXIES=127.0.0.1", "IMAGING__SERVER__BASEURL=https://viewer.example.org/pacs"]);
        ClientStudy study = new("configured");

        JsonNode stored = await StoreAsync(configured.Client, study, Forwarding);
        string bulk = BulkDataUri(await GetJsonAsync(configured.Client, $"wado-rs/studies/{study.Uid}/metadata", Forwarding));

        Assert.Equal(
            $"https://viewer.example.org/pacs/dicom-web/studies/{study.Uid}", stored["00081190"]!["Value"]![0]!.GetValue<string>());
        Assert.StartsWith($"https://viewer.example.org/pacs/wado-rs/studies/{study.Uid}/", bulk, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_WADO_endpoint_of_existing_deployments_is_the_base_of_every_URL()
    {
        using TemporaryFolder folder = new();
        await using Server configured =
            await Server.StartAsync(folder.Sub("data"), ["env", "WADO_EXTERNAL_ENDPOINT=https://viewer.example.org/wado-rs"]);
        ClientStudy study = new("wado endpoint");

        JsonNode stored = await StoreAsync(configured.Client, study, Forwarding, "stow-rs/studies");

        Assert.Equal($"https://viewer.example.org/wado-rs/studies/{study.Uid}", stored["00081190"]!["Value"]![0]!.GetValue<string>());
    }

    [Theory]
    [InlineData("dicom-web")]
    [InlineData("wado-rs")]
    public async Task Both_roots_answer_searches_and_their_URLs_can_be_fetched_as_they_stand(string root)
    {
        ClientStudy study = new("fetch " + root);
        await StoreAsync(server.Client, study, []);

        JsonNode found = await GetJsonAsync(server.Client, $"{root}/studies?StudyInstanceUID={study.Uid}", []);
        string retrieveUrl = found[0]!["00081190"]!["Value"]![0]!.GetValue<string>();
        JsonNode metadata = await GetJsonAsync(server.Client, retrieveUrl + "/metadata", []);
        string bulk = BulkDataUri(metadata, study.Plain);

        Assert.StartsWith(server.Url(root), retrieveUrl, StringComparison.Ordinal);
        Assert.StartsWith(server.Url(root), bulk, StringComparison.Ordinal);
        using HttpRequestMessage request = Request(bulk, []);
        request.Headers.Accept.ParseAdd("application/octet-stream");
        using HttpResponseMessage answer = await server.Client.SendAsync(request);
        Assert.Equal(study.Plain.Frames![0], await answer.Content.ReadAsByteArrayAsync());
    }

    private static async Task<JsonNode> StoreAsync(
        HttpClient client, ClientStudy study, (string Name, string Value)[] headers, string path = "dicom-web/studies")
    {
        using MultipartContent body = new("related");
        body.Headers.ContentType!.Parameters.Add(new NameValueHeaderValue("type", "\"application/dicom\""));
        foreach (TestFile file in study.Files)
        {
            ReadOnlyMemoryContent part = new(file.Bytes);
            part.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
            body.Add(part);
        }

        using HttpRequestMessage request = Request(path, headers);
        request.Method = HttpMethod.Post;
        request.Content = body;
        using HttpResponseMessage answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    private static async Task<JsonNode> GetJsonAsync(HttpClient client, string path, (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = Request(path, headers);
        using HttpResponseMessage answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    private static async Task<string?> ContentLocationAsync(
        HttpClient client, string path, string accept, (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = Request(path, headers);
        request.Headers.Accept.ParseAdd(accept);
        using HttpResponseMessage answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer.Content.Headers.ContentLocation?.OriginalString;
    }

    private static HttpRequestMessage Request(string path, (string Name, string Value)[] headers)
    {
        HttpRequestMessage request = new(HttpMethod.Get, path);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static string BulkDataUri(JsonNode metadata, TestFile? file = null)
        => metadata.AsArray()
            .First(item => file is null
                || item!["00080018"]!["Value"]![0]!.GetValue<string>() == file.SopUid)!["7FE00010"]!["BulkDataURI"]!.GetValue<string>();
}
