using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.Revisions;

/// <summary>
/// The process dies at any moment of a load with late arrivals: every revision is there once, and names the acknowledged changes.
/// </summary>
[Trait(InACluster.Trait, InACluster.Value)]
public sealed class RevisionKillTests
{
    private const int KillsOfAFolder = 5;
    private const int LeastMilliseconds = 200;
    private const int MostMilliseconds = 1500;

    private static readonly int Kills = Environment.GetEnvironmentVariable("IMAGING_TEST_LONG") == "1" ? 200 : 10;

    [Fact]
    public async Task Revisions_have_no_gap_and_no_double_and_list_what_was_acknowledged_whenever_the_process_is_killed()
    {
        int late = 0;
        for (int seed = 0; seed < Kills / KillsOfAFolder; seed++)
        {
            using TemporaryFolder folder = new();
            RevisionLoad load = new(seed);
            FeedConsumer feed = new();
            for (int kill = 0; kill < KillsOfAFolder; kill++)
            {
                await RunAndKillAsync(folder.Sub("data"), load, feed, new Random((seed * KillsOfAFolder) + kill));
            }

            await using Server last = await RevisionServer.StartAsync(folder.Sub("data"));
            await feed.RunUntilQuietAsync(last.Client);

            Assert.Empty(RevisionCheck.Faults(load, feed));
            late += feed.Revisions.Count(revision => revision["revision"]!.GetValue<int>() > 0);
        }

        Assert.True(late > 0, "No study had a second revision; the load is too short.");
    }

    private static async Task RunAndKillAsync(string data, RevisionLoad load, FeedConsumer feed, Random random)
    {
        await using Server server = await RevisionServer.StartAsync(data);
        Task running = Task.WhenAll(load.RunAsync(server.Client), feed.RunAsync(server.Client));
        using (PeriodicTimer moment = new(TimeSpan.FromMilliseconds(random.Next(LeastMilliseconds, MostMilliseconds))))
        {
            await moment.WaitForNextTickAsync();
        }

        await server.KillAsync();
        await running;
    }
}

/// <summary>Compares the change feed with the answers that the senders got.</summary>
internal static class RevisionCheck
{
    public static IReadOnlyList<string> Faults(RevisionLoad load, FeedConsumer feed)
    {
        List<string> faults = [.. load.Faults, .. feed.Faults];
        Dictionary<string, HashSet<string>> listed = new() { ["additions"] = [], ["modifications"] = [], ["deletions"] = [] };
        HashSet<string> present = [];
        foreach (IGrouping<string, JsonObject> study in feed.Revisions.GroupBy(
            revision => revision["study"]!["studyInstanceUID"]!.GetValue<string>()))
        {
            present.UnionWith(Replay(study, listed, faults));
        }

        faults.AddRange(load.Instances.Where(instance => !instance.IsUncertain).SelectMany(instance => Compare(instance, listed, present)));
        HashSet<string> sent = [.. load.Instances.Select(instance => instance.Reference)];
        faults.AddRange(listed.Values.SelectMany(list => list).Where(reference => !sent.Contains(reference)).Select(
            reference => $"{reference} is listed and was never sent"));
        CompareStores(load, feed, faults);
        return faults;
    }

    /// <summary>Checks the revisions of a study: their numbers, that change sets fit, and the studies that they lead to.</summary>
    /// <remarks>Returns the instances at the end.</remarks>
    private static HashSet<string> Replay(
        IGrouping<string, JsonObject> study, Dictionary<string, HashSet<string>> listed, List<string> faults)
    {
        HashSet<string> present = [];
        int due = 0;
        foreach (JsonObject revision in study)
        {
            int number = revision["revision"]!.GetValue<int>();
            if (number != due++)
            {
                faults.Add($"Revision {number} of study {study.Key} came where {due - 1} was due");
            }

            HashSet<string> seen = [];
            foreach ((string list, HashSet<string> all) in listed)
            {
                foreach (string reference in revision["changeSet"]![list]!.AsArray().Select(row => row!.GetValue<string>()))
                {
                    all.Add(reference);
                    bool isSound = seen.Add(reference) && (list == "additions" || (list == "deletions") || present.Contains(reference));
                    _ = list == "deletions" ? present.Remove(reference) : present.Add(reference);
                    if (!isSound)
                    {
                        faults.Add(
                            $"Revision {number} of study {study.Key} lists {reference} twice, or as modified where it was not there");
                    }
                }
            }

            if (seen.Count == 0 || !present.SetEquals(InstancesOf(revision)))
            {
                faults.Add($"Revision {number} of study {study.Key} changes nothing, or shows another study than its change sets lead to");
            }
        }

        return present;
    }

    private static IEnumerable<string> InstancesOf(JsonObject revision)
        => revision["study"]!["series"]!.AsArray().SelectMany(series => series!["instances"]!.AsArray()
            .Select(instance => $"{series["seriesInstanceUID"]!.GetValue<string>()}/{instance!["sopInstanceUID"]!.GetValue<string>()}"));

    private static IEnumerable<string> Compare(LoadedInstance instance, Dictionary<string, HashSet<string>> listed, HashSet<string> present)
    {
        string reference = instance.Reference;
        bool isAdded = listed["additions"].Contains(reference);
        bool isDeleted = listed["deletions"].Contains(reference);
        if (!isAdded && !isDeleted)
        {
            yield return $"{reference} was acknowledged and no revision lists it";
        }

        if (present.Contains(reference) != instance.IsThere)
        {
            yield return $"{reference} is {(instance.IsThere ? "stored" : "deleted")} and the revisions say otherwise";
        }

        if (isDeleted && !instance.WasDeleted)
        {
            yield return $"{reference} is listed as deleted and never was";
        }
    }

    /// <summary>Checks that each addition and replacement has one pair of events, and identical content has none.</summary>
    private static void CompareStores(RevisionLoad load, FeedConsumer feed, List<string> faults)
    {
        Dictionary<string, int> stored =
            feed.Events.Where(row => FeedConsumer.Type(row) == "ImageStoredEvent").CountBy(SopOf).ToDictionary();
        Dictionary<string, int> available = feed.Events.Where(row => FeedConsumer.Type(row) == "DicomAvailableEvent")
            .CountBy(row => row["data"]!["endpoint"]!.GetValue<string>().Split('/')[^1]).ToDictionary();
        foreach (LoadedInstance instance in load.Instances)
        {
            int told = stored.GetValueOrDefault(instance.Path.Sop);
            int unanswered = instance.IsUncertain ? 1 : 0;
            if (told < instance.Stores || told > instance.Stores + unanswered || told != available.GetValueOrDefault(instance.Path.Sop))
            {
                faults.Add($"{instance.Reference} was stored {instance.Stores} times, {unanswered} unanswered, and told {told} times");
            }
        }
    }

    private static string SopOf(JsonObject row)
        => row["data"]!["image"]!["elements"]!.AsArray().Single(element => element!["group"]!.GetValue<string>() == "0008"
            && element["element"]!.GetValue<string>() == "0018")!["value"]!.GetValue<string>();
}
