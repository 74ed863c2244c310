using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>Runs curl alone, like a person at a shell.</summary>
internal static class Curl
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <param name="arguments">Added to those that catch the answer.</param>
    public static async Task<CurlAnswer> RunAsync(params string[] arguments)
    {
        using TemporaryFolder folder = new();
        string headers = folder.Sub("headers");
        string body = folder.Sub("body");
        (int code, _, string error) =
            await ExternalProcess.RunAsync("curl", ["-sS", "--noproxy", "*", "-D", headers, "-o", body, .. arguments], "", Timeout);
        Assert.True(code == 0, $"curl ended with {code}: {error}");

        return new CurlAnswer(await File.ReadAllTextAsync(headers), File.Exists(body) ? await File.ReadAllBytesAsync(body) : []);
    }

    public static Task<CurlAnswer> GetAsync(string url, string? accept = null, params string[] arguments)
        => RunAsync([.. accept is null ? Array.Empty<string>() : ["-H", "Accept: " + accept], .. arguments, url]);

    /// <summary>Makes a multipart/related body with a few lines of shell.</summary>
    public static async Task WriteMultipartAsync(string path, string boundary, params string[] files)
    {
        const string script = """
            boundary=$1; shift
            for file; do
              printf -- '--%s\r\nContent-Type: application/dicom\r\n\r\n' "$boundary"
              cat "$file"
              printf '\r\n'
            done
            printf -- '--%s--\r\n' "$boundary"
            """;
        (int code, _, string error) =
            await ExternalProcess.RunAsync("bash", ["-c", $"{{ {script}\n}} >\"$0\"", path, boundary, .. files], "", Timeout);
        Assert.True(code == 0, error);
    }
}

/// <summary>Everything that curl received, interim answers included.</summary>
internal sealed record CurlAnswer(string AllHeaders, byte[] Body)
{
    private string[] Last => AllHeaders.TrimEnd().Split("\r\n\r\n")[^1].Split("\r\n");

    public int Status => int.Parse(Last[0].Split(' ')[1], CultureInfo.InvariantCulture);

    public JsonNode Json => JsonNode.Parse(Body)!;

    public IReadOnlyList<(string Headers, byte[] Body)> Parts => MultipartAnswer.Parts(Header("Content-Type")!, Body);

    public string? Header(string name)
        => Last.Skip(1).FirstOrDefault(
            line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
}

/// <summary>
/// Splits a multipart body in the strict form of RFC 2046 section 5.1.1: CRLF everywhere, a closing boundary, nothing around.
/// </summary>
internal static class MultipartAnswer
{
    /// <summary>Returns the headers, as text, and the bytes of each part.</summary>
    public static IReadOnlyList<(string Headers, byte[] Body)> Parts(string contentType, byte[] body)
    {
        string boundary = contentType.Split("boundary=")[1].Split(';')[0].Trim('"');
        byte[] delimiter = Encoding.ASCII.GetBytes("\r\n--" + boundary);
        ReadOnlySpan<byte> rest = [.. "\r\n"u8, .. body];
        List<(string, byte[])> parts = [];
        Assert.True(rest.StartsWith(delimiter), "The body does not begin with its boundary.");
        rest = rest[delimiter.Length..];
        while (!rest.SequenceEqual("--\r\n"u8) && !rest.SequenceEqual("--"u8))
        {
            int headersEnd = rest.IndexOf("\r\n\r\n"u8);
            int end = rest.IndexOf(delimiter);
            Assert.True(headersEnd >= 0 && end > headersEnd, "A part does not end.");
            parts.Add((Encoding.ASCII.GetString(rest[2..headersEnd]), rest[(headersEnd + 4)..end].ToArray()));
            rest = rest[(end + delimiter.Length)..];
        }

        return parts;
    }
}
