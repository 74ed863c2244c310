using System.Net;
using System.Text.Json.Nodes;

namespace ImagingIngestion.Gateways.Tests.ChangeFeed;

/// <summary>The change feed as a consumer reads it.</summary>
internal static class FeedCalls
{
    public static async Task<JsonObject> ReadFeedAsync(this HttpClient client, string query)
    {
        using HttpResponseMessage response = await client.GetAsync("/changefeed" + query);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{query}: {(int)response.StatusCode} {body}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl!.NoStore);
        return JsonNode.Parse(body)!.AsObject();
    }

    public static JsonObject[] Events(this JsonObject page) => [.. page["events"]!.AsArray().Select(row => row!.AsObject())];

    public static long Number(this JsonObject node, string name) => node[name]!.GetValue<long>();

    public static string Text(this JsonObject node, string name) => node[name]!.GetValue<string>();
}
