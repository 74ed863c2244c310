using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres.Search;

/// <summary>Runs a search and reads its page.</summary>
internal static class SearchReads
{
    public static async Task<SearchPage> RunAsync(
        NpgsqlConnection connection, SearchRequest request, BlobReader blobs, CancellationToken cancellationToken)
    {
        SearchRows page = new(request, blobs);
        if (PostgresSearch.Build(request) is { } sql)
        {
            await using NpgsqlCommand command = new(sql.Text, connection);
            foreach (object? value in sql.Parameters)
            {
                command.WithValue(value);
            }

            await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false) && page.Add(rows))
            {
            }
        }

        return page.ToPage();
    }
}
