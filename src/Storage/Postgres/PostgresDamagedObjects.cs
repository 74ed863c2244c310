using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>The damaged objects in the manifest database.</summary>
internal sealed class PostgresDamagedObjects(NpgsqlDataSource pool) : IDamagedObjects
{
    private const string AddSql = """
        INSERT INTO damaged_object (object_key, found_at)
        SELECT DISTINCT object_key, now_us() FROM unnest($1::text[]) AS found (object_key) ORDER BY object_key ON CONFLICT (object_key) DO NOTHING
        """;

    public Task AddAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
        => pool.ExecuteAsync(new NpgsqlCommand(AddSql).With(keys.Select(key => key.Value).ToArray()), cancellationToken);

    public Task RemoveAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
        => pool.ExecuteAsync(new NpgsqlCommand("DELETE FROM damaged_object WHERE object_key = ANY ($1)").With(keys.Select(key => key.Value).ToArray()), cancellationToken);
}
