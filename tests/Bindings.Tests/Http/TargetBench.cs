using System.Diagnostics;
using ImagingIngestion.Bindings.Http;
using Microsoft.Extensions.Logging.Testing;

namespace ImagingIngestion.Bindings.Tests.Http;

/// <summary>A client of a target with a folder for its files.</summary>
internal sealed class TargetBench : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("target-test-");

    public FakeLogger<TargetBench> Log { get; } = new();

    /// <summary>Replaces a file as a rotation does.</summary>
    public string Write(string name, byte[] content)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes($"{path}.new", content);
        File.Move($"{path}.new", path, overwrite: true);
        return path;
    }

    public string Write(string name, string content) => Write(name, System.Text.Encoding.UTF8.GetBytes(content));

    /// <summary>Makes a named pipe.</summary>
    public string Pipe(string name)
    {
        string path = Path.Combine(_folder.FullName, name);
        using Process process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return path;
    }

    public HttpClient Client(HttpTargetOptions options, TimeProvider? time = null)
        => TargetHttp.CreateClient(options, time ?? TimeProvider.System, Log);

    /// <summary>Returns the status of a request, or why there was none.</summary>
    public static async Task<string> CallAsync(HttpClient client, Uri url, bool withBody = false)
    {
        try
        {
            using HttpRequestMessage request = new(withBody ? HttpMethod.Post : HttpMethod.Get, url)
            {
                Content = withBody ? new StringContent("body") : null
            };
            using HttpResponseMessage response = await client.SendAsync(request);
            return $"{(int)response.StatusCode}";
        }
        catch (Exception exception) when (TargetFaults.IsNetworkFault(exception, CancellationToken.None))
        {
            return TargetFaults.Describe(exception, url);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
