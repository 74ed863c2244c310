using System.Text.Json.Nodes;

namespace ImagingIngestion.EndToEnd.Tests.Revisions;

/// <summary>Holds what the change feed told against what the senders were told.</summary>
internal static class RevisionCheck
{
    public static IReadOnlyList<string> Faults(RevisionLoad load, FeedConsumer feed)
    {
        List<string> faults = [.. load.Faults, .. feed.Faults];
        Dictionary<string, HashSet<string>> listed = new() { ["additions"] = [], ["modifications"] = [], ["deletions"] = [] };
        HashSet<string> present = [];
        foreach (IGrouping<string, JsonObject> study in feed.Revisions.GroupBy(revision => revision["study"]!["studyInstanceUID"]!.GetValue<string>()))
        {
            present.UnionWith(Replay(study, listed, faults));
        }

        faults.AddRange(load.Instances.Where(instance => !instance.IsUncertain).SelectMany(instance => Compare(instance, listed, present)));
        HashSet<string> sent = [.. load.Instances.Select(instance => instance.Reference)];
        faults.AddRange(listed.Values.SelectMany(list => list).Where(reference => !sent.Contains(reference)).Select(reference => $"{reference} is listed and was never sent"));
        CompareStores(load, feed, faults);
        return faults;
    }

    /// <summary>The revisions of a study one after the other: numbers, change sets that fit, and the study that they lead to. Answers what is there at the end.</summary>
    private static HashSet<string> Replay(IGrouping<string, JsonObject> study, Dictionary<string, HashSet<string>> listed, List<string> faults)
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
                        faults.Add($"Revision {number} of study {study.Key} lists {reference} twice, or as modified where it was not there");
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

    /// <summary>Each addition and replacement was told once, as two events; identical content was not told again.</summary>
    private static void CompareStores(RevisionLoad load, FeedConsumer feed, List<string> faults)
    {
        Dictionary<string, int> stored = feed.Events.Where(row => FeedConsumer.Type(row) == "ImageStoredEvent").CountBy(SopOf).ToDictionary();
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
        => row["data"]!["image"]!["elements"]!.AsArray().Single(element => element!["group"]!.GetValue<string>() == "0008" && element["element"]!.GetValue<string>() == "0018")!["value"]!.GetValue<string>();
}
