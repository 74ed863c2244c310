using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Durability;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.EndToEnd.Tests.Revisions;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Cluster.Tests.Chaos;

/// <summary>Compares the content and the events of a cluster with the answers that its senders got.</summary>
/// <remarks>Each check returns the faults.</remarks>
internal static class ChaosCheck
{
    private const int Readers = 6;

    /// <summary>Checks that every instance of the list is stored with the bytes that were sent.</summary>
    public static async Task<IReadOnlyList<string>> StoredAsync(HttpClient client, IEnumerable<LoadInstance> instances, string where)
    {
        System.Collections.Concurrent.ConcurrentBag<string> faults = [];
        await Parallel.ForEachAsync(instances, new ParallelOptions { MaxDegreeOfParallelism = Readers }, async (instance, token) =>
        {
            using HttpResponseMessage response = await client.GetStoredAsync(instance.Path);
            if (!response.IsSuccessStatusCode)
            {
                faults.Add($"{instance.Path} was acknowledged; {where} answers {(int)response.StatusCode}");
            }
            else if (!Part10Split.DataSet(await response.Content.ReadAsByteArrayAsync(token)).SequenceEqual(instance.ToDataSet()))
            {
                faults.Add($"{instance.Path} came back from {where} with other bytes");
            }
        });
        return [.. faults];
    }

    /// <summary>Checks that searches find each acknowledged instance once, and nothing that was never sent.</summary>
    public static async Task<IReadOnlyList<string>> FoundAsync(HttpClient client, Ledger ledger)
    {
        List<string> faults = [];
        HashSet<StoredPath> found = [];
        foreach (string study in ledger.Sent.Keys.Select(path => path.Study).Distinct())
        {
            foreach (JsonNode? row in await client.SearchAsync($"studies/{study}/instances?limit=5000"))
            {
                StoredPath path = new(study, Uid(row, "0020000E"), Uid(row, "00080018"));
                if (!found.Add(path) || !ledger.Sent.ContainsKey(path))
                {
                    faults.Add($"{path} is found twice, or was never sent");
                }
            }
        }

        faults.AddRange(
            ledger.Acknowledged.Keys.Where(path => !found.Contains(path)).Select(path => $"{path} was acknowledged and is not found"));
        return faults;
    }

    /// <summary>Checks that revisions count without a gap, add no instance twice, and add each acknowledged one.</summary>
    public static IReadOnlyList<string> Revisions(Ledger ledger, FeedConsumer feed)
    {
        List<string> faults = [.. feed.Faults];
        HashSet<string> added = [];
        foreach (IGrouping<string, JsonObject> study in feed.Revisions.GroupBy(
            revision => revision["study"]!["studyInstanceUID"]!.GetValue<string>()))
        {
            int due = 0;
            foreach (JsonObject revision in study)
            {
                int number = revision["revision"]!.GetValue<int>();
                string[] additions = [.. revision["changeSet"]!["additions"]!.AsArray().Select(row => row!.GetValue<string>())];
                bool changesElse = revision["changeSet"]!["modifications"]!.AsArray().Count
                    + revision["changeSet"]!["deletions"]!.AsArray().Count > 0;
                if (number != due++ || additions.Length == 0 || changesElse)
                {
                    faults.Add($"Revision {number} of study {study.Key} came where {due - 1} was due, adds nothing, or changes what nobody "
                        + "changed");
                }

                faults.AddRange(additions.Where(reference => !added.Add(reference)).Select(reference => $"{reference} is added twice"));
            }
        }

        HashSet<string> sent = [.. ledger.Sent.Keys.Select(Reference)];
        faults.AddRange(
            added.Where(reference => !sent.Contains(reference)).Select(reference => $"{reference} is in a revision and was never sent"));
        faults.AddRange(ledger.Acknowledged.Keys.Select(Reference).Where(reference => !added.Contains(reference)).Select(
            reference => $"{reference} was acknowledged and is in no revision"));
        return faults;
    }

    /// <summary>Checks that each acknowledged instance has one event, and that every event of the log has reached the subscriber.</summary>
    public static IReadOnlyList<string> Events(Ledger ledger, FeedConsumer feed, EventReceiver sink)
    {
        Dictionary<string, int> told = feed.Events.Where(row => FeedConsumer.Type(row) == "DicomAvailableEvent")
            .CountBy(row => row["data"]!["endpoint"]!.GetValue<string>().Split('/')[^1]).ToDictionary();
        return
        [
            .. ledger.Acknowledged.Keys.Where(path => told.GetValueOrDefault(path.Sop) != 1).Select(
                path => $"{path} was told {told.GetValueOrDefault(path.Sop)} times"),
            .. ledger.Sent.Keys.Where(path => told.GetValueOrDefault(path.Sop) > 1).Select(path => $"{path} was told more than once"),
            .. feed.Events.Select(row => row["id"]!.GetValue<string>()).Where(id => !sink.Received.ContainsKey(id)).Select(
                id => $"Event {id} did not reach the subscriber"),
        ];
    }

    private static string Reference(StoredPath path) => $"{path.Series}/{path.Sop}";

    private static string Uid(JsonNode? row, string tag) => row?[tag]?["Value"]?[0]?.GetValue<string>() ?? "";
}
