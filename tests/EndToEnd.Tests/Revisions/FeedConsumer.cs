using System.Text.Json.Nodes;

namespace ImagingIngestion.EndToEnd.Tests.Revisions;

/// <summary>Reads the change feed with a cursor that outlives the server.</summary>
internal sealed class FeedConsumer
{
    private long _cursor;

    public List<JsonObject> Events { get; } = [];

    /// <summary>The faults of the feed.</summary>
    public List<string> Faults { get; } = [];

    public IEnumerable<JsonObject> Revisions
        => Events.Where(row => Type(row) == "StudyRevisionEvent").Select(row => row["data"]!.AsObject());

    public static string Type(JsonObject row) => row["type"]!.GetValue<string>();

    /// <summary>Reads until the server is gone.</summary>
    public async Task RunAsync(HttpClient client)
    {
        try
        {
            while (true)
            {
                await ReadAsync(client, "0.5s");
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            // The server is gone; the cursor stays.
        }
    }

    /// <summary>Reads until nothing comes for longer than any delay.</summary>
    public async Task RunUntilQuietAsync(HttpClient client)
    {
        while (await ReadAsync(client, "4s") > 0)
        {
        }
    }

    /// <summary>Reads until one more revision comes.</summary>
    public async Task<JsonObject> NextRevisionAsync(HttpClient client)
    {
        int known = Revisions.Count();
        while (Revisions.Count() == known)
        {
            Assert.True(await ReadAsync(client, "30s") > 0, "No revision came.");
        }

        return Revisions.ElementAt(known);
    }

    /// <summary>Reads a page; returns the number of its events.</summary>
    public async Task<int> ReadAsync(HttpClient client, string wait)
    {
        JsonNode page = JsonNode.Parse(await client.GetStringAsync($"changefeed?after={_cursor}&limit=200&wait={wait}"))!;
        JsonObject[] events = [.. page["events"]!.AsArray().Select(row => row!.DeepClone().AsObject())];
        foreach (JsonObject row in events)
        {
            long sequence = row["sequence"]!.GetValue<long>();
            if (sequence != ++_cursor)
            {
                Faults.Add($"Event {sequence} came where {_cursor} was due.");
                _cursor = sequence;
            }

            Events.Add(row);
        }

        if (page["next"]!.GetValue<long>() != _cursor)
        {
            Faults.Add($"The page ends with {_cursor} and says {page["next"]}.");
        }

        return events.Length;
    }
}
