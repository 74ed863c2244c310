using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.Corpus;

/// <summary>Checks the answers for a file and the bytes that come back.</summary>
/// <remarks>It returns faults in words, so that one run lists all of them.</remarks>
internal sealed class CorpusChecks(HttpClient client)
{
    private const string AnyFrame = "*/*";

    /// <summary>Some files nest sequences far deeper than JSON parsers expect.</summary>
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 100_000 };

    /// <summary>
    /// Stores one file, checks the answer and the searches, and deletes it again, so that each file meets an empty study.
    /// </summary>
    public async Task<IReadOnlyList<string>> CheckAsync(TestFile file)
    {
        StowReply reply = await client.StoreAsync(file.Bytes);
        if (!reply.IsSuccess)
        {
            return file.Expectation != Expectation.Store && reply.IsClearRefusal
                ? []
                : [$"{file}: expected {file.Expectation}, answered {reply.Status} {reply.Body}"];
        }

        if (file.Expectation == Expectation.Reject || reply.Stored.Count != 1)
        {
            return [$"{file}: expected {file.Expectation}, answered {reply.Status} {reply.Body}"];
        }

        StoredPath path = reply.Stored[0];
        List<string> faults = [.. await CheckStoredAsync(file.Name, path, [file])];
        if (file.SopUid is { } sop && sop != path.Sop)
        {
            faults.Add($"{file}: stored as {path.Sop} instead of {sop}");
        }

        faults.AddRange(await CheckFramesAsync(file, path));
        if (await client.DeleteAsync(path) != HttpStatusCode.NoContent || (await client.FindAsync(path)).Count != 0)
        {
            faults.Add($"{file}: not gone after its deletion");
        }

        return faults;
    }

    /// <summary>
    /// Checks that the instance is found, has metadata, and comes back as one of the files that were stored under its UIDs.
    /// </summary>
    public async Task<IReadOnlyList<string>> CheckStoredAsync(string name, StoredPath path, IReadOnlyList<TestFile> sent)
    {
        List<string> faults = [];
        JsonArray found = await client.FindAsync(path);
        if (found.Count != 1 || found[0]?["00080018"]?["Value"]?[0]?.GetValue<string>() != path.Sop)
        {
            faults.Add($"{name}: found {found.Count} times");
        }

        using HttpResponseMessage metadata = await client.GetAsync(path.Path + "/metadata", "application/dicom+json");
        string json = await metadata.Content.ReadAsStringAsync();
        if (metadata.StatusCode != HttpStatusCode.OK || !IsMetadata(json, path.Sop))
        {
            faults.Add($"{name}: metadata answered {(int)metadata.StatusCode} {json[..Math.Min(200, json.Length)]}");
        }

        byte[] back = await client.RetrieveAsync(path);
        if (!sent.Any(file => Part10Split.DataSet(back).SequenceEqual(Part10Split.DataSet(file.Bytes.Span))))
        {
            faults.Add($"{name}: came back with {Part10Split.DataSet(back).Length} other bytes of data set");
        }

        return faults;
    }

    private async Task<IReadOnlyList<string>> CheckFramesAsync(TestFile file, StoredPath path)
    {
        List<string> faults = [];
        if (file.FrameCount is not { } count || file.Expectation != Expectation.Store)
        {
            return faults;
        }

        foreach (int frame in new[] { 1, count, count + 1 }.Where(frame => frame > 0).Distinct())
        {
            using HttpResponseMessage response = await client.GetAsync($"{path.Path}/frames/{frame}", AnyFrame);
            byte[] body = await response.Content.ReadAsByteArrayAsync();
            HttpStatusCode expected = frame <= count ? HttpStatusCode.OK : HttpStatusCode.NotFound;
            if (response.StatusCode != expected)
            {
                faults.Add($"{file}: frame {frame} of {count} answered {(int)response.StatusCode}");
            }
            else if (frame <= count
                && file.Frames is { } frames
                && !FirstPart(response.Content.Headers.ContentType!, body).SequenceEqual(frames[frame - 1]))
            {
                faults.Add($"{file}: frame {frame} has other bytes");
            }
        }

        return faults;
    }

    private static bool IsMetadata(string json, string sop)
        => JsonNode.Parse(json, documentOptions: Deep) is JsonArray { Count: 1 } array
            && array[0]?["00080018"]?["Value"]?[0]?.GetValue<string>() == sop;

    private static ReadOnlySpan<byte> FirstPart(MediaTypeHeaderValue type, byte[] body)
    {
        if (type.MediaType != "multipart/related")
        {
            return body;
        }

        string boundary = type.Parameters.Single(parameter => parameter.Name == "boundary").Value!.Trim('"');
        ReadOnlySpan<byte> part = body.AsSpan(body.AsSpan().IndexOf("\r\n\r\n"u8) + 4);
        return part[..part.IndexOf(System.Text.Encoding.ASCII.GetBytes("\r\n--" + boundary))];
    }
}
