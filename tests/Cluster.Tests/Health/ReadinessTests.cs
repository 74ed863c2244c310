using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using ImagingIngestion.Cluster.Tests.Processes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using Npgsql;

namespace ImagingIngestion.Cluster.Tests.Health;

/// <summary>The health of a process names what works and what does not, while its database and bucket change.</summary>
public sealed class ReadinessTests : IAsyncLifetime
{
    private const string Works = "reading: works";

    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly string _role = $"role_{Guid.NewGuid():N}";
    private HttpClient? _client;
    private PostgresServer? _server;
    private ClusterStores? _stores;
    private ClusterProcess? _process;

    private string Database => _stores!.Settings["DB_NAME"];

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.SharedAsync();
        _stores = await ClusterStores.CreateAsync(_server, await RgwServer.SharedAsync());
        await _server.ExecuteAsync("postgres", $"CREATE ROLE {_role} LOGIN PASSWORD 'secret'");
        await _server.ExecuteAsync("postgres", $"ALTER DATABASE {Database} OWNER TO {_role}");
        int port = FreePort.Take();
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        Dictionary<string, string> settings = new(_stores.Settings) { ["DB_USER"] = _role, ["DB_PASS"] = "secret" };
        _process = TestCluster.MakeAllInOne("server", port, _folder.Path, settings);
        await _process.StartAsync();
        await ExpectAsync(HttpStatusCode.OK, "ready\nreading: works\nwriting: works\n");
    }

    public async Task DisposeAsync()
    {
        await _process!.DisposeAsync();
        _client!.Dispose();
        await _server!.DropDatabaseAsync(Database);
        await _server.ExecuteAsync("postgres", $"DROP ROLE {_role}");
        _folder.Dispose();
    }

    [ToolFact(Tools.Postgres, Tools.Rgw)]
    public async Task A_right_that_is_taken_away_is_named_and_what_is_stored_is_still_had()
    {
        TestInstance stored = new("before") { PixelData = new byte[64] };
        Assert.True((await _client!.StoreAsync(stored.ToPart10())).IsSuccess);
        await _server!.ExecuteAsync(Database, $"REVOKE INSERT ON imaging.instance FROM {_role}");

        await ExpectAsync(
            HttpStatusCode.ServiceUnavailable, "not ready\n", Works, "writing: the manifest store does not work", "INSERT on instance");
        using (HttpResponseMessage found = await _client!.GetAsync($"dicom-web/studies/{stored.StudyUid}/metadata"))
        {
            Assert.Equal(HttpStatusCode.OK, found.StatusCode);
        }

        await _server.ExecuteAsync(Database, $"GRANT INSERT ON imaging.instance TO {_role}");
        await ExpectAsync(HttpStatusCode.OK, "writing: works");
    }

    [ToolFact(Tools.Postgres, Tools.Rgw)]
    public async Task A_database_that_takes_no_changes_is_named()
    {
        await _server!.ExecuteAsync("postgres", $"ALTER DATABASE {Database} SET default_transaction_read_only = on");
        await EndSessionsAsync();

        await ExpectAsync(HttpStatusCode.ServiceUnavailable, Works, "default_transaction_read_only");

        await _server.ExecuteAsync("postgres", $"ALTER DATABASE {Database} RESET default_transaction_read_only");
        await EndSessionsAsync();
        await ExpectAsync(HttpStatusCode.OK, "writing: works");
    }

    [ToolFact(Tools.Postgres, Tools.Rgw)]
    public async Task A_bucket_that_is_gone_is_named()
    {
        using AmazonS3Client bucket = await ConnectAsync();
        foreach (string key in await _stores!.ListKeysAsync())
        {
            await bucket.DeleteObjectAsync(_stores.Settings["BUCKET_NAME"], key);
        }

        await bucket.DeleteBucketAsync(_stores.Settings["BUCKET_NAME"]);

        await ExpectAsync(
            HttpStatusCode.ServiceUnavailable,
            "reading: the object store does not work",
            "NoSuchBucket",
            "writing: the object store does not work");
    }

    [ToolFact(Tools.Postgres, Tools.Rgw)]
    public async Task A_bucket_that_became_another_one_is_named()
    {
        using AmazonS3Client bucket = await ConnectAsync();
        foreach (string key in await _stores!.ListKeysAsync())
        {
            await bucket.DeleteObjectAsync(_stores.Settings["BUCKET_NAME"], key);
        }

        await ExpectAsync(HttpStatusCode.ServiceUnavailable, "no mark of this installation");
    }

    [ToolFact(Tools.Postgres, Tools.Rgw)]
    public async Task A_bucket_that_takes_no_objects_is_named_and_still_read()
    {
        using AmazonS3Client bucket = await ConnectAsync();
        string name = _stores!.Settings["BUCKET_NAME"];
        await bucket.PutBucketPolicyAsync(name, $$"""
            {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::{{name}}/*"}]}
            """);

        await ExpectAsync(HttpStatusCode.ServiceUnavailable, Works, "writing: the object store does not work");

        await bucket.DeleteBucketPolicyAsync(new DeleteBucketPolicyRequest { BucketName = name });
        await ExpectAsync(HttpStatusCode.OK, "writing: works");
    }

    /// <summary>
    /// This holds before and after the first process has stored, and for every role: the others would not find what it stored.
    /// </summary>
    [ToolFact(Tools.Postgres, Tools.Rgw)]
    public async Task A_second_process_on_the_same_database_with_another_bucket_does_not_start()
    {
        ClusterStores others = await ClusterStores.CreateAsync(_server!, await RgwServer.SharedAsync());
        Dictionary<string, string> settings = new(_stores!.Settings)
        {
            ["BUCKET_NAME"] = others.Settings["BUCKET_NAME"],
            ["CLUSTER_KEY"] = new string('k', 40),
        };

        foreach ((string program, string roles) in new[]
        {
            ("Silo", "all"),
            ("Gateways", "stow"),
            ("Gateways", "wado"),
            ("Gateways", "dimse")
        })
        {
            (int exitCode, _, string error) = await ExternalProcess.RunAsync(
                "dotnet", [
                    TestCluster.Program(program),
                    "--roles",
                    roles,
                    "--urls",
                    "http://127.0.0.1:0",
                    .. roles is "all" or "dimse" ? (string[])["--dimse-port", "0"] : []
                ], "", TestTimeout, settings);

            Assert.Equal(1, exitCode);
            Assert.Contains("no mark of this installation", error, StringComparison.Ordinal);
            Assert.Contains("BUCKET_NAME", error, StringComparison.Ordinal);
        }

        Assert.Empty(await others.ListKeysAsync());
        await _server!.DropDatabaseAsync(others.Settings["DB_NAME"]);
    }

    private async Task ExpectAsync(HttpStatusCode status, params string[] texts)
    {
        string last = "";
        try
        {
            await Poll.UntilAsync(TestTimeout, async () =>
            {
                using HttpResponseMessage answer = await _client!.GetAsync("healthz/ready");
                last = await answer.Content.ReadAsStringAsync();
                return answer.StatusCode == status && texts.All(text => last.Contains(text, StringComparison.Ordinal));
            });
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Health went on saying: {last}");
        }
    }

    /// <summary>Ends the sessions of this database alone, like a restart of the server, which other tests use meanwhile.</summary>
    private async Task EndSessionsAsync()
    {
        await using NpgsqlConnection connection = _server!.Open("postgres");
        await using NpgsqlCommand command = new(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Database });
        await command.ExecuteScalarAsync();
    }

    private static async Task<AmazonS3Client> ConnectAsync()
    {
        RgwServer server = await RgwServer.SharedAsync();
        return new AmazonS3Client(server.AccessKey, server.SecretKey, new AmazonS3Config
        {
            ServiceURL = server.Endpoint.GetLeftPart(UriPartial.Authority),
            ForcePathStyle = true,
            AuthenticationRegion = server.Region,
        });
    }
}
