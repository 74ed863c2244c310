using System.Text;
using System.Text.Json;

namespace ImagingIngestion.EndToEnd.Tests.BadInput;

/// <summary>An answer of the server: status, headers by lower-case name, body.</summary>
internal sealed record Reply(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Content)
{
    public string Body => Encoding.UTF8.GetString(Content);

    public string ContentType => Header("content-type").Split(';')[0];

    public int Stored => Items("00081199").Count;

    /// <summary>FailureReason of every instance that was not stored, named or not.</summary>
    public int[] Failures
        => [.. Items("00081198").Concat(Items("0008119A")).Select(item => item.GetProperty("00081197").GetProperty("Value")[0].GetInt32())];

    public static async Task<Reply> ReadAsync(HttpResponseMessage response)
    {
        Dictionary<string, string> headers = response.Headers.Concat(response.Content.Headers).ToDictionary(
            header => header.Key.ToLowerInvariant(), header => string.Join(", ", header.Value));
        return new Reply((int)response.StatusCode, headers, await response.Content.ReadAsByteArrayAsync());
    }

    public string Header(string name) => Headers.TryGetValue(name, out string? value) ? value : "";

    /// <summary>Checks for a problem (RFC 9457) of this status with a detail; returns the detail.</summary>
    public string ShouldBeProblem(int status)
    {
        Assert.True(Status == status, $"{status} was to come, but {Status} came: {Body}");
        Assert.Equal("application/problem+json", ContentType);
        using JsonDocument problem = JsonDocument.Parse(Content);
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        string detail = problem.RootElement.GetProperty("detail").GetString()!;
        Assert.True(detail.Length > 20, $"Too short to say what to change: {detail}");
        return detail;
    }

    /// <summary>Checks for a response module with this many stored instances and these failure reasons.</summary>
    public void ShouldBeModule(int status, int stored, params int[] failures)
    {
        Assert.True(Status == status, $"{status} was to come, but {Status} came: {Body}");
        Assert.Equal("application/dicom+json", ContentType);
        Assert.Equal(stored, Stored);
        Assert.Equal(failures, Failures);
    }

    private List<JsonElement> Items(string tag)
    {
        using JsonDocument module = JsonDocument.Parse(Content);
        return module.RootElement.TryGetProperty(tag, out JsonElement sequence)
            ? [.. sequence.GetProperty("Value").EnumerateArray().Select(item => item.Clone())]
            : [];
    }
}
