using System.Text.Json.Nodes;

namespace ImagingIngestion.EndToEnd.Tests.Fixtures;

/// <summary>The answer to a store request, read without the product's own reader.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="MediaType">The type of the body, without parameters.</param>
/// <param name="Body">The body as it came.</param>
internal sealed record StowReply(int Status, string? MediaType, string Body)
{
    private const string FailedSequence = "00081198";
    private const string ReferencedSequence = "00081199";
    private const string OtherFailuresSequence = "0008119A";

    private readonly JsonNode? _module = MediaType == "application/dicom+json" ? Unwrap(JsonNode.Parse(Body)) : null;

    /// <summary>The stored instances; empty unless the answer is a response module.</summary>
    public IReadOnlyList<StoredPath> Stored
        => [.. Items(ReferencedSequence).Select(item => StoredPath.Parse(Value(item, "00081190"), Value(item, "00081155")))];

    /// <summary>Failure reasons (0008,1197) of the instances that were not stored.</summary>
    public IReadOnlyList<int> Failures
        => [.. Items(FailedSequence).Concat(Items(OtherFailuresSequence)).Select(
            item => item?["00081197"]?["Value"]?[0]?.GetValue<int>() ?? 0)];

    public bool IsSuccess => Status is 200 or 202 && Failures.Count == 0;

    /// <summary>The answer is a refusal with reasons: a failure reason for each instance, or a problem with its detail.</summary>
    public bool IsClearRefusal => Status is >= 400 and < 500 && Stored.Count == 0 && (Failures.Count > 0
        ? Failures.All(reason => reason != 0)
        : MediaType == "application/problem+json" && JsonNode.Parse(Body)?["detail"]?.GetValue<string>() is { Length: > 0 });

    private IEnumerable<JsonNode?> Items(string sequence) => _module?[sequence]?["Value"]?.AsArray() ?? [];

    private static JsonNode? Unwrap(JsonNode? node) => node is JsonArray { Count: 1 } array ? array[0] : node;

    private static string Value(JsonNode? item, string tag) => item?[tag]?["Value"]?[0]?.GetValue<string>() ?? "";
}
