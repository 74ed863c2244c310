using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using Files = ImagingIngestion.TestData.Corpus;

namespace ImagingIngestion.EndToEnd.Tests.Corpus;

/// <summary>
/// GET of each BulkDataURI in an answer returns the value, whatever the client accepts, and a range of it if it is one body.
/// </summary>
public sealed class BulkDataUriTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static readonly Regex Uris = new("(?:\"BulkDataURI\":|<BulkData[^>]* uri=)\"(?<uri>[^\"]+)\"", RegexOptions.CultureInvariant);

    [Fact]
    public async Task Every_URI_of_a_test_file_answers()
    {
        int checkedUris = await CheckAsync(TestFiles.All);

        Assert.True(checkedUris > 100, $"Only {checkedUris} URIs.");
    }

    [ToolFact(Tools.Corpus)]
    public async Task Every_URI_of_a_corpus_file_answers()
    {
        int checkedUris = await CheckAsync(Files.Files());

        Assert.True(checkedUris > 100, $"Only {checkedUris} URIs.");
    }

    private async Task<int> CheckAsync(IEnumerable<TestFile> files)
    {
        List<string> faults = [];
        int count = 0;
        foreach (TestFile file in files.Where(file => file.Expectation != Expectation.Reject))
        {
            StowReply reply = await server.Client.StoreAsync(file.Bytes);
            foreach (string uri in reply.IsSuccess ? await ReadUrisAsync(reply.Stored[0]) : [])
            {
                faults.AddRange((await CheckOneAsync(uri)).Select(fault => $"{file}: {uri} {fault}"));
                count++;
            }
        }

        Assert.True(
            faults.Count == 0, $"{faults.Count} faults with {count} URIs:{Environment.NewLine}{string.Join(Environment.NewLine, faults)}");
        return count;
    }

    private async Task<IReadOnlyList<string>> ReadUrisAsync(StoredPath path)
    {
        string json = await TextAsync(path.Path + "/metadata", "application/dicom+json");
        string xml = await TextAsync(path.Path + "/metadata", "multipart/related; type=\"application/dicom+xml\"");
        string found = await TextAsync(
            $"studies/{path.Study}/series/{path.Series}/instances?SOPInstanceUID={path.Sop}&includefield=all", "application/dicom+json");
        return [.. new[] { json, xml, found }.SelectMany(text => Uris.Matches(text))
            .Select(match => WebUtility.HtmlDecode(match.Groups["uri"].Value))
            .Distinct()];
    }

    private async Task<IReadOnlyList<string>> CheckOneAsync(string uri)
    {
        List<string> faults = [];
        using HttpResponseMessage whole = await GetAsync(uri);
        byte[] body = await whole.Content.ReadAsByteArrayAsync();
        if (whole.StatusCode != HttpStatusCode.OK || body.Length == 0)
        {
            faults.Add($"answered {(int)whole.StatusCode} with {body.Length} bytes");
        }

        using HttpResponseMessage part = await GetAsync(uri, new RangeHeaderValue(0, 0));
        byte[] first = await part.Content.ReadAsByteArrayAsync();
        bool isManyFrames = part.StatusCode == HttpStatusCode.OK && Encoding.Latin1.GetString(first).Split("Content-Location:").Length > 2;
        if (!isManyFrames
            && (part.StatusCode != HttpStatusCode.PartialContent || first.Length != 1 || part.Content.Headers.ContentRange?.From != 0))
        {
            faults.Add($"answered a range with {(int)part.StatusCode} and {first.Length} bytes of {part.Content.Headers.ContentType}");
        }

        return faults;
    }

    /// <summary>Gets the URI as it stands, as a client that accepts everything.</summary>
    private async Task<HttpResponseMessage> GetAsync(string uri, RangeHeaderValue? range = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, uri) { Headers = { Range = range } };
        request.Headers.Accept.ParseAdd("*/*");
        return await server.Client.SendAsync(request);
    }

    private async Task<string> TextAsync(string resource, string accept)
    {
        using HttpResponseMessage response = await server.Client.GetAsync(resource, accept);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }
}
