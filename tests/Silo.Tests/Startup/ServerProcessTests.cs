using System.Net;

namespace ImagingIngestion.Silo.Tests.Startup;

public sealed class ServerProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("silo-tests-").FullName;
    private readonly HttpClient _client = new();

    public void Dispose()
    {
        _client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(ServerProcess.Sigterm)]
    [InlineData(ServerProcess.Sigint)]
    public async Task It_says_where_it_listens_is_ready_and_stops_cleanly_on_a_signal(int signal)
    {
        await using ServerProcess server = ServerProcess.Start(["--data", _folder, "--urls", "http://127.0.0.1:0"]);
        string address = await server.AddressAsync(CancellationToken.None);

        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync(address + "/healthz/live")).StatusCode);
        Assert.Equal("ready\nreading: works\nwriting: works\n", await _client.GetStringAsync(address + "/healthz/ready"));
        server.Signal(signal);

        Assert.Equal(0, await server.ExitCodeAsync(CancellationToken.None));
        Assert.Contains(
            $"curl -H 'Content-Type: application/dicom' --data-binary @file.dcm {address}/dicom-web/studies",
            server.Output,
            StringComparison.Ordinal);
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

    /// <summary>As if the volume of the objects were not mounted.</summary>
    [Fact]
    public async Task It_does_not_start_on_a_folder_without_its_objects_until_an_operator_says_so()
    {
        string other = Path.Combine(_folder, "other");
        await using (ServerProcess first = ServerProcess.Start(["--data", _folder, "--urls", "http://127.0.0.1:0"]))
        {
            await first.AddressAsync(CancellationToken.None);
            first.Signal(ServerProcess.Sigterm);
            Assert.Equal(0, await first.ExitCodeAsync(CancellationToken.None));
        }

        await using (ServerProcess refused = ServerProcess.Start(["--data", _folder, "--objects", other, "--urls", "http://127.0.0.1:0"]))
        {
            Assert.Equal(1, await refused.ExitCodeAsync(CancellationToken.None));
            Assert.Contains("no mark of this installation", refused.Output, StringComparison.Ordinal);
        }

        await using (ServerProcess check = ServerProcess.Start(["check", "--arm", "--data", _folder, "--objects", other]))
        {
            Assert.Equal(0, await check.ExitCodeAsync(CancellationToken.None));
        }

        await using ServerProcess moved = ServerProcess.Start(["--data", _folder, "--objects", other, "--urls", "http://127.0.0.1:0"]);
        Assert.Equal(
            "ready\nreading: works\nwriting: works\n",
            await _client.GetStringAsync(await moved.AddressAsync(CancellationToken.None) + "/healthz/ready"));
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
    public async Task Settings_come_from_appsettings_json_in_the_working_folder()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "appsettings.json"),
            """{ "Imaging": { "Provider": { "Name": "from-file" }, "Server": { "Urls": "http://127.0.0.1:0" } } }""");
        await using ServerProcess server = ServerProcess.Start([], workingDirectory: _folder);
        await server.AddressAsync(CancellationToken.None);

        Assert.Contains("Storage space: from-file", server.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "data", "manifest.db")));
    }

    [Fact]
    public async Task An_appsettings_json_that_cannot_be_read_is_said_and_the_exit_code_is_not_0()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "appsettings.json"), "{ not json");
        await using ServerProcess server = ServerProcess.Start([], workingDirectory: _folder);

        Assert.NotEqual(0, await server.ExitCodeAsync(CancellationToken.None));
        Assert.Contains("appsettings.json", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
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
    public async Task A_dimse_port_that_is_taken_is_said_and_the_exit_code_is_1()
    {
        using System.Net.Sockets.TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        string port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await using ServerProcess server = ServerProcess.Start(["--data", _folder, "--urls", "http://127.0.0.1:0", "--dimse-port", port]);

        Assert.Equal(1, await server.ExitCodeAsync(CancellationToken.None));
        Assert.Contains($"port {port}", server.Output, StringComparison.Ordinal);
        Assert.Contains("--dimse-port", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_read_is_said_and_the_exit_code_is_1()
    {
        string file = Path.Combine(_folder, "key.p12");
        await File.WriteAllTextAsync(file, "no certificate");
        await using ServerProcess server = ServerProcess.Start(
            ["--data", _folder, "--urls", "http://127.0.0.1:0"],
            new Dictionary<string, string> { ["DIMSE_TLS_ENABLED"] = "true", ["DIMSE_TLS_KEYSTORE"] = file });

        Assert.Equal(1, await server.ExitCodeAsync(CancellationToken.None));
        Assert.Contains(file, server.Output, StringComparison.Ordinal);
        Assert.Contains("DIMSE_TLS_KEYSTORE", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dimse_can_be_turned_off()
    {
        await using ServerProcess server = ServerProcess.Start(["--data", _folder, "--urls", "http://127.0.0.1:0", "--dimse-port", "off"]);
        string address = await server.AddressAsync(CancellationToken.None);

        Assert.Equal("ready\nreading: works\nwriting: works\n", await _client.GetStringAsync(address + "/healthz/ready"));
        server.Signal(ServerProcess.Sigterm);
        Assert.Equal(0, await server.ExitCodeAsync(CancellationToken.None));
        Assert.DoesNotContain("storescu", server.Output, StringComparison.Ordinal);
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
