using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Storage.Sql;
using ImagingIngestion.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Tests.Sqlite;

/// <summary>The cost of a page does not grow with the pages before it, nor with how many studies other patients have.</summary>
public sealed class SqliteSearchPlanTests
{
    [Theory]
    [InlineData(SearchLevel.Study)]
    [InlineData(SearchLevel.Series)]
    [InlineData(SearchLevel.Instance)]
    public async Task A_page_begins_at_its_position(SearchLevel level)
    {
        List<string> plan = await PlanAsync(
            new SearchRequest { Provider = new ProviderName("kit"), Level = level, Limit = 200, After = new SearchPosition(7, 8, 9) });

        Assert.Contains(plan, step => step.StartsWith("SEARCH", StringComparison.Ordinal)
            && step.Contains(" s USING COVERING INDEX study_recent (provider=? AND id<?)", StringComparison.Ordinal));
        Assert.DoesNotContain(
            plan, step => step.StartsWith("SCAN", StringComparison.Ordinal) && !step.EndsWith("page", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Newer_studies_of_a_patient_are_found_by_its_id()
    {
        List<string> plan = await PlanAsync(
            new SearchRequest { Provider = new ProviderName("kit"), Level = SearchLevel.Study, Limit = 200, NewestOfPatient = true });

        Assert.Contains(plan, step => step.StartsWith("SEARCH", StringComparison.Ordinal) && step.Contains(
            " n USING COVERING INDEX study_by_patient (provider=? AND patient_id=? AND rowid>?)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("patient_id", "study_by_patient (provider=? AND patient_id=?)", "study_by_patient (provider=? AND patient_id<?)")]
    [InlineData(
        "accession_number",
        "study_by_accession (provider=? AND accession_number=?)",
        "study_by_accession (provider=? AND accession_number<?)")]
    [InlineData("study_uid", "study_identity (study_uid=? AND provider=?)", "study_identity (study_uid=? AND provider=?)")]
    [InlineData("series_uid", "series_identity (series_uid=?)", "series_identity (series_uid=?)")]
    [InlineData("sop_uid", "instance_identity (sop_uid=?)", "instance_identity (sop_uid=?)")]
    public async Task A_value_is_looked_up_alone_and_among_several(string column, string alone, string amongSeveral)
    {
        SearchAttribute attribute = SearchAttributes.All.Single(known => known.Column == column);
        foreach (string[] values in (string[][])[["1"], [.. Enumerable.Range(0, 100).Select(number => $"1.{number}")]])
        {
            List<string> plan = await PlanAsync(new SearchRequest
            {
                Provider = new ProviderName("kit"), Level = attribute.Level, Limit = 200,
                Matches = [new AttributeMatch.AnyOf(attribute, values)],
            });

            Assert.Contains(plan, step => step.Contains(alone, StringComparison.Ordinal));
            Assert.Contains(plan, step => step.Contains(amongSeveral, StringComparison.Ordinal));
            Assert.DoesNotContain(plan, step => step is "SCAN s"
                || step.StartsWith("SCAN s ", StringComparison.Ordinal)
                || step.Contains("study_recent (provider=?)", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Instances_are_found_by_the_index_of_their_uids()
    {
        List<string> plan = await PlanAsync(SearchReads.InstancesSql, ["kit", "[]"]);

        Assert.Contains(plan, step => step.Contains("USING INDEX instance_identity (sop_uid=?)", StringComparison.Ordinal));
        Assert.DoesNotContain(
            plan, step => step.StartsWith("SCAN", StringComparison.Ordinal) && !step.Contains("wanted", StringComparison.Ordinal));
    }

    private static Task<List<string>> PlanAsync(SearchRequest request)
    {
        SearchStatement search = SearchSql.Build(request)!;
        return PlanAsync(search.Text, search.Parameters);
    }

    private static async Task<List<string>> PlanAsync(string sql, IReadOnlyList<object?> values)
    {
        await using SqliteBackend backend = new();
        using SqliteConnection connection = new SqliteConnections(backend.Path).OpenReader(cacheKibibytes: 1024);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
        for (int index = 0; index < values.Count; index++)
        {
            command.Parameters.AddWithValue($"${index + 1}", values[index]);
        }

        await using SqliteDataReader rows = await command.ExecuteReaderAsync();
        List<string> plan = [];
        while (await rows.ReadAsync())
        {
            plan.Add(rows.GetString(3));
        }

        return plan;
    }
}
