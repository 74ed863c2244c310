using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Runs a search and reads its page.</summary>
internal static class SearchQuery
{
    public static SearchPage Run(SqliteSession reader, SearchRequest request, BlobReader blobs)
    {
        SearchRows page = new(request, blobs);
        if (SearchSql.Build(request) is { } sql)
        {
            using SqliteDataReader results = reader.Statement(sql.Text, sql.Parameters.Count).Query([.. sql.Parameters]);
            while (results.Read() && page.Add(results))
            {
            }
        }

        return page.ToPage();
    }
}
