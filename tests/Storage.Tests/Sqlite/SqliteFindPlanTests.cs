using ImagingIngestion.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Tests.Sqlite;

/// <summary>Finding instances without their study reads the index of SOP Instance UIDs, whatever is stored.</summary>
public sealed class SqliteFindPlanTests
{
    [Fact]
    public async Task Instances_are_found_by_the_index_of_their_uids()
    {
        await using SqliteBackend backend = new();
        using SqliteConnection connection = new SqliteConnections(backend.Path).OpenReader(cacheKibibytes: 1024);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + InstanceSearch.Sql;
        command.Parameters.AddWithValue("$1", "kit");
        command.Parameters.AddWithValue("$2", "[]");
        await using SqliteDataReader rows = await command.ExecuteReaderAsync();
        List<string> plan = [];
        while (await rows.ReadAsync())
        {
            plan.Add(rows.GetString(3));
        }

        Assert.Contains(plan, step => step.Contains("USING INDEX instance_identity (sop_uid=?)", StringComparison.Ordinal));
        Assert.DoesNotContain(
            plan, step => step.StartsWith("SCAN", StringComparison.Ordinal) && !step.Contains("wanted", StringComparison.Ordinal));
    }
}
