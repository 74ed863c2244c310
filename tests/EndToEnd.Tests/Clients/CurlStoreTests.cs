using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>Store and delete with curl alone.</summary>
[Collection(RunningServer.Collection)]
public sealed class CurlStoreTests(RunningServer server) : IDisposable
{
    private const string Quoted = "multipart/related; type=\"application/dicom\"";
    private const string Unquoted = "multipart/related; type=application/dicom";
    private const string AsStored = "application/dicom; transfer-syntax=*";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ToolFact(Tools.Curl)]
    public async Task A_single_file_is_stored_and_comes_back_identical()
    {
        ClientStudy study = new("curl single");
        string file = ClientStudy.Write(_folder.Path, study.Plain);

        CurlAnswer stored =
            await Curl.RunAsync("-H", "Content-Type: application/dicom", "--data-binary", "@" + file, server.Root + "/studies");

        Assert.Equal(200, stored.Status);
        Assert.Equal("application/dicom+json", stored.Header("Content-Type"));
        Assert.Equal($"{server.Root}/studies/{study.Uid}", stored.Json["00081190"]!["Value"]![0]!.GetValue<string>());
        await AssertKeptAsync(study.Plain);
    }

    [ToolFact(Tools.Curl)]
    public async Task Many_files_are_stored_from_a_body_made_by_the_shell_whether_the_type_is_quoted_or_not()
    {
        foreach (string type in new[] { Quoted, Unquoted })
        {
            ClientStudy study = new("curl multipart " + type);
            string body = await WriteBodyAsync(study, "shell-parts");

            CurlAnswer stored = await Curl.RunAsync(
                "-H", $"Content-Type: {type}; boundary=shell-parts", "--data-binary", "@" + body, server.Root + "/studies/" + study.Uid);

            await AssertAllStoredAsync(study, stored);
        }
    }

    [ToolFact(Tools.Curl)]
    public async Task A_form_of_curl_sent_as_multipart_related_is_stored()
    {
        foreach (string type in new[] { Quoted, Unquoted })
        {
            ClientStudy study = new("curl form " + type);
            string[] parts = [.. study.WriteTo(_folder.Path).SelectMany(file => new[] { "-F", $"file=@{file};type=application/dicom" })];

            CurlAnswer stored = await Curl.RunAsync(["-H", "Content-Type: " + type, .. parts, server.Url("stow-rs/studies")]);

            await AssertAllStoredAsync(study, stored);
        }
    }

    [ToolFact(Tools.Curl)]
    public async Task A_client_that_waits_for_100_continue_gets_it_before_it_sends()
    {
        ClientStudy study = new("curl expect");
        string body = await WriteBodyAsync(study, "expected");

        CurlAnswer stored = await Curl.RunAsync(
            "-H", "Expect: 100-continue", "--expect100-timeout", "30", "-H", $"Content-Type: {Quoted}; boundary=\"expected\"",
            "--data-binary", "@" + body, server.Root + "/studies");

        Assert.StartsWith("HTTP/1.1 100 Continue", stored.AllHeaders, StringComparison.Ordinal);
        await AssertAllStoredAsync(study, stored);
    }

    [ToolFact(Tools.Curl)]
    public async Task A_chunked_upload_is_stored()
    {
        ClientStudy study = new("curl chunked");
        string body = await WriteBodyAsync(study, "chunks");

        CurlAnswer stored = await Curl.RunAsync(
            "-X", "POST", "-H", "Transfer-Encoding: chunked", "-H", $"Content-Type: {Quoted}; boundary=chunks", "-T", body,
            server.Root + "/studies");

        await AssertAllStoredAsync(study, stored);
    }

    [ToolFact(Tools.Curl)]
    [Trait(InACluster.Trait, InACluster.Value)]
    public async Task A_deleted_study_is_gone_and_the_second_delete_finds_nothing()
    {
        ClientStudy study = new("curl delete");
        await StoreAsync(study);
        string url = $"{server.Root}/studies/{study.Uid}";

        CurlAnswer instance = await Curl.RunAsync("-X", "DELETE", server.Root + ClientStudy.PathOf(study.Plain));
        CurlAnswer withoutInstance = await Curl.GetAsync(server.Root + ClientStudy.PathOf(study.Plain));
        CurlAnswer rest = await Curl.GetAsync(url + "/instances");
        CurlAnswer first = await Curl.RunAsync("-X", "DELETE", url);
        CurlAnswer retrieved = await Curl.GetAsync(url);
        CurlAnswer found = await Curl.GetAsync($"{server.Root}/studies?StudyInstanceUID={study.Uid}");
        CurlAnswer second = await Curl.RunAsync("-X", "DELETE", url);

        Assert.Equal([204, 404], new[] { instance, withoutInstance }.Select(answer => answer.Status));
        Assert.Equal(2, rest.Json.AsArray().Count);
        Assert.Equal([204, 404, 204, 404], new[] { first, retrieved, found, second }.Select(answer => answer.Status));
    }

    private async Task<string> WriteBodyAsync(ClientStudy study, string boundary)
    {
        string body = _folder.Sub(boundary);
        await Curl.WriteMultipartAsync(body, boundary, study.WriteTo(_folder.Path));
        return body;
    }

    private async Task StoreAsync(ClientStudy study)
    {
        string body = await WriteBodyAsync(study, "all");
        await AssertAllStoredAsync(
            study,
            await Curl.RunAsync("-H", $"Content-Type: {Quoted}; boundary=all", "--data-binary", "@" + body, server.Root + "/studies"));
    }

    private async Task AssertAllStoredAsync(ClientStudy study, CurlAnswer answer)
    {
        Assert.Equal(200, answer.Status);
        JsonArray stored = answer.Json["00081199"]!["Value"]!.AsArray();
        Assert.Equal(study.Files.Select(file => file.SopUid), stored.Select(item => item!["00081155"]!["Value"]![0]!.GetValue<string>()));
        foreach (TestFile file in study.Files)
        {
            await AssertKeptAsync(file);
        }
    }

    private async Task AssertKeptAsync(TestFile file)
    {
        CurlAnswer retrieved = await Curl.GetAsync(server.Root + ClientStudy.PathOf(file), AsStored);

        Assert.Equal(200, retrieved.Status);
        Assert.Equal(Part10Bytes.DataSet(file.Bytes), Part10Bytes.DataSet(retrieved.Body));
    }
}
