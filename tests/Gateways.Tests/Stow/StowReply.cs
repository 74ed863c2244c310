using System.Text.Json;

namespace ImagingIngestion.Gateways.Tests.Stow;

/// <summary>A reply to a store request, taken apart.</summary>
internal sealed record StowReply(int Status, string ContentType, string Body, TimeSpan? RetryAfter)
{
    private JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? RetrieveUrl => Json.TryGetProperty("00081190", out JsonElement url) ? url.GetProperty("Value")[0].GetString() : null;

    public int Stored => Items("00081199").Count;

    public IReadOnlyList<int> Warnings => [.. Items("00081199").Where(item => item.TryGetProperty("00081196", out _)).Select(item => item.GetProperty("00081196").GetProperty("Value")[0].GetInt32())];

    public IReadOnlyList<int> Failures => [.. Items("00081198").Select(Reason)];

    public IReadOnlyList<int> OtherFailures => [.. Items("0008119A").Select(Reason)];

    public bool Has(string tag) => Json.TryGetProperty(tag, out _);

    public IReadOnlyList<JsonElement> Items(string tag) => Json.TryGetProperty(tag, out JsonElement sequence) ? [.. sequence.GetProperty("Value").EnumerateArray()] : [];

    public static async Task<StowReply> ReadAsync(HttpResponseMessage response)
        => new((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "", await response.Content.ReadAsStringAsync(), response.Headers.RetryAfter?.Delta);

    private static int Reason(JsonElement item) => item.GetProperty("00081197").GetProperty("Value")[0].GetInt32();
}
