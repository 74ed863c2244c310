using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Storage.Tests.Postgres;

/// <summary>A database with the newest schema, created once in a run.</summary>
/// <remarks>The databases of the tests are copies of it. Their clock stands still until a test moves it.</remarks>
internal static class PostgresTemplate
{
    private static readonly Lazy<Task<string>> Name = new(CreateAsync);

    public static async Task<string> CreateDatabaseAsync()
        => await (await PostgresServer.SharedAsync()).CreateDatabaseAsync(await Name.Value);

    private static async Task<string> CreateAsync()
    {
        PostgresServer server = await PostgresServer.SharedAsync();
        string name = await server.CreateDatabaseAsync();
        DatabaseOptions options = server.Options(name);
        await using (await PostgresManifestStore.OpenAsync(options, Supervision.Of(TimeProvider.System), CancellationToken.None))
        {
        }

        await server.ExecuteAsync(
            name,
            """
            CREATE TABLE imaging.test_clock (now bigint NOT NULL);
            INSERT INTO imaging.test_clock VALUES (0);
            CREATE OR REPLACE FUNCTION imaging.now_us() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT now FROM imaging.test_clock $$;
            """);
        return name;
    }
}
