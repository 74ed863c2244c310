using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Finds instances whose study is not told: one statement for all of them, by the index of SOP Instance UIDs.</summary>
internal static class InstanceSearch
{
    internal const string Sql = $"""
        SELECT {InstanceRow.Columns}
        FROM json_each($2) wanted
        CROSS JOIN instance i ON i.sop_uid = wanted.value
        CROSS JOIN series r ON r.id = i.series_id
        CROSS JOIN study s ON s.id = i.study_id
        WHERE s.provider = $1
        """;

    public static IReadOnlyList<InstanceState> Find(SqliteSession reader, ProviderName provider, string[] sopUids)
    {
        List<InstanceState> instances = [];
        using SqliteDataReader rows = reader.Statement(Sql, 2).Query(provider.Value, JsonList.Of(sopUids));
        while (rows.Read())
        {
            instances.Add(InstanceRow.Read(rows, 0));
        }

        return instances;
    }
}
