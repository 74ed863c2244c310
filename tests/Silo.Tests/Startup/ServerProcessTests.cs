using System.Net;

namespace ImagingIngestion.Silo.Tests;

public sealed class ServerProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("silo-tests-").FullName;
    private readonly HttpClient _client = new();

    public void Dispose()
    {
        _client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task It_says_where_it_listens_is_ready_and_stops_cleanly_on_SIGTERM()
    {
        await using ServerProcess server = ServerProcess.Start(["--data", _folder, "--urls", "http://127.0.0.1:0"]);
        string address = await server.AddressAsync(CancellationToken.None);

        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync(address + "/healthz/live")).StatusCode);
        Assert.Equal("ready\n", await _client.GetStringAsync(address + "/healthz/ready"));
        server.Terminate();

        Assert.Equal(0, await server.ExitCodeAsync(CancellationToken.None));
        Assert.Contains($"curl -H 'Content-Type: application/dicom' --data-binary @file.dcm {address}/dicom-web/studies", server.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "manifest.db")));
        Assert.True(Directory.Exists(Path.Combine(_folder, "objects")));
    }

    [Fact]
    public async Task It_is_alive_but_not_ready_when_the_object_folder_is_gone()
    {
        await using ServerProcess server = ServerProcess.Start(["--data", _folder, "--urls", "http://127.0.0.1:0"]);
        string address = await server.AddressAsync(CancellationToken.None);

        Directory.Delete(Path.Combine(_folder, "objects"), recursive: true);
        await File.WriteAllTextAsync(Path.Combine(_folder, "objects"), "");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _client.GetAsync(address + "/healthz/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync(address + "/healthz/live")).StatusCode);
    }

    [Fact]
    public async Task Every_mistake_in_the_configuration_is_listed_and_the_exit_code_is_not_0()
    {
        await using ServerProcess server = ServerProcess.Start(
            ["--data", _folder, "--urls", "nowhere"],
            new Dictionary<string, string> { ["PROVIDER_NAME"] = "a b", ["IMAGING__GRAINS__BATCHSIZE"] = "many" });

        Assert.NotEqual(0, await server.ExitCodeAsync(CancellationToken.None));
        Assert.Contains("--urls", server.Output, StringComparison.Ordinal);
        Assert.Contains("PROVIDER_NAME", server.Output, StringComparison.Ordinal);
        Assert.Contains("IMAGING__GRAINS__BATCHSIZE", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_said_and_the_exit_code_is_not_0()
    {
        await using ServerProcess first = ServerProcess.Start(["--data", _folder, "--urls", "http://127.0.0.1:0"]);
        string address = await first.AddressAsync(CancellationToken.None);
        await using ServerProcess second = ServerProcess.Start(["--data", Path.Combine(_folder, "second"), "--urls", address]);

        Assert.NotEqual(0, await second.ExitCodeAsync(CancellationToken.None));
        Assert.Contains(address, second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_made_is_said_and_the_exit_code_is_not_0()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "file"), "");
        await using ServerProcess server = ServerProcess.Start(["--data", Path.Combine(_folder, "file", "data")]);

        Assert.NotEqual(0, await server.ExitCodeAsync(CancellationToken.None));
        Assert.Contains("Cannot run: ", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }
}
