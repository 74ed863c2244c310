using System.Net;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Silo.Tests.Startup;

/// <summary>Both executables as processes of a cluster.</summary>
public sealed class RoleProcessTests : IDisposable
{
    private static readonly string[] AnyPort = ["--urls", "http://127.0.0.1:0"];

    private readonly string _folder = Directory.CreateTempSubdirectory("role-tests-").FullName;
    private readonly HttpClient _client = new();

    public void Dispose()
    {
        _client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("Gateways", "stow,dimse", "DB_KIND", "BUCKET_HOST", "CLUSTER_KEY", "PROVIDER_NAME")]
    [InlineData("Gateways", "silo", "IMAGING__ROLES", "PROVIDER_NAME")]
    [InlineData("Silo", "silo", "DB_KIND", "CLUSTER_KEY", "PROVIDER_NAME")]
    [InlineData("Silo", "wado", "IMAGING__ROLES", "PROVIDER_NAME")]
    public async Task Every_mistake_is_listed_and_the_exit_code_is_1(string program, string roles, params string[] settings)
    {
        await using ServerProcess server = ServerProcess.Start(
            ["--roles", roles, .. AnyPort], new Dictionary<string, string> { ["PROVIDER_NAME"] = "a b" }, program: program);

        Assert.Equal(1, await server.ExitCodeAsync(CancellationToken.None));
        Assert.All(settings, setting => Assert.Contains(setting, server.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Gateways", "wado")]
    [InlineData("Silo", "silo")]
    public async Task A_database_that_cannot_be_reached_is_said_and_the_exit_code_is_1(string program, string roles)
    {
        await using ServerProcess server = ServerProcess.Start(
            ["--roles", roles, .. AnyPort], Settings("127.0.0.1", "9", "nobody", "secret-word", "nothing"), program: program);

        Assert.Equal(1, await server.ExitCodeAsync(CancellationToken.None));
        Assert.Contains("Cannot run: ", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-word", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }

    [ToolTheory(Tools.Postgres)]
    [InlineData("Silo", "silo", "", "/stow-rs/studies /wado-rs/studies /dicom-web/studies /changefeed /bindings")]
    [InlineData("Gateways", "wado", "/wado-rs/studies /dicom-web/studies /changefeed", "/stow-rs/studies /bindings")]
    [InlineData("Gateways", "binding", "/bindings", "/wado-rs/studies /dicom-web/studies /stow-rs/studies /changefeed")]
    public async Task A_process_answers_the_paths_of_its_roles_is_ready_and_stops_cleanly(
        string program, string roles, string found, string missing)
    {
        PostgresServer postgres = await PostgresServer.SharedAsync();
        string database = await postgres.CreateDatabaseAsync();
        DatabaseOptions options = postgres.Options(database);
        await using (ServerProcess server = ServerProcess.Start(
            ["--roles", roles, .. AnyPort],
            Settings(options.Host, $"{options.Port}", options.User, options.Password!, database),
            program: program))
        {
            string address = await server.AddressAsync(CancellationToken.None);

            Assert.Equal(
                $"ready\nreading: works\n{(roles == "wado" ? "" : "writing: works\n")}",
                await _client.GetStringAsync(address + "/healthz/ready"));
            Assert.All(await StatusesAsync(address, found), status => Assert.Equal(HttpStatusCode.OK, status));
            Assert.All(await StatusesAsync(address, missing), status => Assert.Equal(HttpStatusCode.NotFound, status));
            Assert.Contains("roles                      " + roles, server.Output, StringComparison.Ordinal);

            server.Signal(ServerProcess.Sigterm);
            Assert.Equal(0, await server.ExitCodeAsync(CancellationToken.None));
        }

        await postgres.DropDatabaseAsync(database);
    }

    [ToolFact(Tools.Postgres)]
    public async Task A_gateway_that_stores_only_is_not_ready_without_a_silo_and_one_that_also_retrieves_is()
    {
        PostgresServer postgres = await PostgresServer.SharedAsync();
        string database = await postgres.CreateDatabaseAsync();
        DatabaseOptions options = postgres.Options(database);
        Dictionary<string, string> settings = Settings(options.Host, $"{options.Port}", options.User, options.Password!, database);
        await using (ServerProcess stow = ServerProcess.Start(["--roles", "stow", .. AnyPort], settings, program: "Gateways"))
        await using (ServerProcess both = ServerProcess.Start(["--roles", "stow,wado", .. AnyPort], settings, program: "Gateways"))
        {
            string alone = await stow.AddressAsync(CancellationToken.None);
            using HttpResponseMessage answer = await _client.GetAsync(alone + "/healthz/ready");

            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal("not ready\nreading: works\nwriting: no silo is alive\n", await answer.Content.ReadAsStringAsync());
            Assert.All(
                await StatusesAsync(alone, "/wado-rs/studies/1.2.3/metadata /changefeed /bindings"),
                status => Assert.Equal(HttpStatusCode.NotFound, status));
            Assert.All(
                await StatusesAsync(alone, "/stow-rs/studies /dicom-web/studies"),
                status => Assert.Equal(HttpStatusCode.MethodNotAllowed, status));
            Assert.Equal(
                "ready\nreading: works\nwriting: no silo is alive\n",
                await _client.GetStringAsync(await both.AddressAsync(CancellationToken.None) + "/healthz/ready"));
        }

        await postgres.DropDatabaseAsync(database);
    }

    private async Task<HttpStatusCode[]> StatusesAsync(string address, string paths)
        => await Task.WhenAll(paths.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(async path =>
        {
            using HttpResponseMessage response = await _client.GetAsync(address + path);
            return response.StatusCode == HttpStatusCode.NoContent ? HttpStatusCode.OK : response.StatusCode;
        }));

    private Dictionary<string, string> Settings(string host, string port, string user, string password, string database) => new()
    {
        ["DB_KIND"] = "postgresql",
        ["DB_HOST"] = host,
        ["DB_PORT"] = port,
        ["DB_USER"] = user,
        ["DB_PASS"] = password,
        ["DB_NAME"] = database,
        ["DATASOURCE_MAX_SIZE"] = "6",
        ["CLUSTER_KEY"] = "0123456789abcdef0123456789abcdef",
        ["IMAGING__CLUSTER__LISTEN"] = "http://127.0.0.1:0",
        ["IMAGING__STORAGE__SHAREDOBJECTS"] = Path.Combine(_folder, "objects"),
        ["WADO_INTERNAL_ENDPOINT"] = "http://127.0.0.1:9/wado-rs",
    };
}
