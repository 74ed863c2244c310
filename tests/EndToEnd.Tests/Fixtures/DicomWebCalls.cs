using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace ImagingIngestion.EndToEnd.Tests.Fixtures;

/// <summary>DICOMweb requests as a client writes them, below the common root.</summary>
internal static class DicomWebCalls
{
    private const string Root = "dicom-web/";
    private const string StoredBytes = "application/dicom; transfer-syntax=*";

    /// <summary>Stores one instance as the whole body.</summary>
    public static Task<StowReply> StoreAsync(this HttpClient client, ReadOnlyMemory<byte> file)
        => client.StoreAsync(new ReadOnlyMemoryContent(file));

    /// <summary>Stores one instance as the whole body.</summary>
    public static async Task<StowReply> StoreAsync(this HttpClient client, HttpContent content)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
        return await PostAsync(client, content);
    }

    /// <summary>Stores instances as parts of one request.</summary>
    public static async Task<StowReply> StoreAllAsync(this HttpClient client, IEnumerable<ReadOnlyMemory<byte>> files)
    {
        const string Boundary = "a-part-of-a-test-7c0f";
        MultipartContent content = new("related", Boundary);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/related; type=\"application/dicom\"; boundary={Boundary}");
        foreach (ReadOnlyMemory<byte> file in files)
        {
            ReadOnlyMemoryContent part = new(file);
            part.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
            content.Add(part);
        }

        return await PostAsync(client, content);
    }

    /// <summary>Returns what a search at instance level finds under these UIDs.</summary>
    public static async Task<JsonArray> FindAsync(this HttpClient client, StoredPath path)
        => await client.SearchAsync($"studies/{path.Study}/series/{path.Series}/instances?SOPInstanceUID={path.Sop}");

    /// <summary>Searches; no match is an empty array.</summary>
    public static async Task<JsonArray> SearchAsync(this HttpClient client, string search)
    {
        using HttpResponseMessage response = await client.GetAsync(Root + search);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"Search {search}: {(int)response.StatusCode} {body}");
        return response.StatusCode == HttpStatusCode.NoContent ? [] : JsonNode.Parse(body)!.AsArray();
    }

    /// <summary>Retrieves the stored Part 10 file, in its stored transfer syntax.</summary>
    public static async Task<byte[]> RetrieveAsync(this HttpClient client, StoredPath path)
    {
        using HttpResponseMessage response = await client.GetAsync(path.Path, StoredBytes);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"Retrieve of {path}: {(int)response.StatusCode}");
        return await response.Content.ReadAsByteArrayAsync();
    }

    public static Task<HttpResponseMessage> GetStoredAsync(this HttpClient client, StoredPath path, RangeHeaderValue? range = null)
        => client.GetAsync(path.Path, StoredBytes, range);

    /// <summary>Gets a resource below the root; returns as soon as the headers are there.</summary>
    public static async Task<HttpResponseMessage> GetAsync(
        this HttpClient client, string resource, string accept, RangeHeaderValue? range = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, Root + resource);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.Range = range;
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public static async Task<HttpStatusCode> DeleteAsync(this HttpClient client, StoredPath path)
    {
        using HttpResponseMessage response = await client.DeleteAsync(Root + path.Path);
        return response.StatusCode;
    }

    private static async Task<StowReply> PostAsync(HttpClient client, HttpContent content)
    {
        using HttpResponseMessage response = await client.PostAsync(Root + "studies", content);
        return new StowReply(
            (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }
}
