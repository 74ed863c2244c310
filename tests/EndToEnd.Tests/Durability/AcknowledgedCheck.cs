using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>Looks for the instances that a load was told are stored.</summary>
internal static class AcknowledgedCheck
{
    /// <summary>Checks that every acknowledged instance is found once and comes back as sent.</summary>
    /// <remarks>Any other instance that is found was sent, too, and comes back whole.</remarks>
    public static async Task<IReadOnlyList<string>> FaultsAsync(HttpClient client, IRecordedLoad load)
    {
        List<string> faults = [.. load.Faults];
        HashSet<StoredPath> found = [];
        foreach (string study in load.Sent.Keys.Select(path => path.Study).Distinct())
        {
            foreach (JsonNode? row in await client.SearchAsync($"studies/{study}/instances?limit=1000"))
            {
                StoredPath path = new(study, Uid(row, "0020000E"), Uid(row, "00080018"));
                if (!found.Add(path) || !load.Sent.ContainsKey(path))
                {
                    faults.Add($"{path} is found twice, or was never sent");
                }
            }
        }

        faults.AddRange(load.Acknowledged.Where(instance => !found.Contains(instance.Path)).Select(
            instance => $"{instance.Path} was acknowledged and is not found"));
        foreach (StoredPath path in found.Where(load.Sent.ContainsKey))
        {
            byte[] back = await client.RetrieveAsync(path);
            if (!Part10Split.DataSet(back).SequenceEqual(load.Sent[path].ToDataSet()))
            {
                faults.Add($"{path} came back with other bytes");
            }
        }

        return faults;
    }

    private static string Uid(JsonNode? row, string tag) => row?[tag]?["Value"]?[0]?.GetValue<string>() ?? "";
}

/// <summary>The instances that a load has sent, and the answers to them.</summary>
internal interface IRecordedLoad
{
    /// <summary>Instances that an answer named as stored.</summary>
    IReadOnlyCollection<LoadInstance> Acknowledged { get; }

    /// <summary>All instances that a client began to send.</summary>
    IReadOnlyDictionary<StoredPath, LoadInstance> Sent { get; }

    /// <summary>Answers that are neither a success nor a clear failure.</summary>
    IReadOnlyCollection<string> Faults { get; }
}
