using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>Runs curl and nothing but curl, as the person at a shell does.</summary>
internal static class Curl
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <param name="arguments">Added to those that catch the answer.</param>
    public static async Task<CurlAnswer> RunAsync(params string[] arguments)
    {
        using TemporaryFolder folder = new();
        string headers = folder.Sub("headers");
        string body = folder.Sub("body");
        (int code, _, string error) = await ExternalProcess.RunAsync("curl", ["-sS", "--noproxy", "*", "-D", headers, "-o", body, .. arguments], "", Timeout);
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
        (int code, _, string error) = await ExternalProcess.RunAsync("bash", ["-c", $"{{ {script}\n}} >\"$0\"", path, boundary, .. files], "", Timeout);
        Assert.True(code == 0, error);
    }
}
