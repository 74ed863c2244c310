using System.Globalization;
using System.Text.Json.Nodes;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>All that curl got: interim answers too.</summary>
internal sealed record CurlAnswer(string AllHeaders, byte[] Body)
{
    private string[] Last => AllHeaders.TrimEnd().Split("\r\n\r\n")[^1].Split("\r\n");

    public int Status => int.Parse(Last[0].Split(' ')[1], CultureInfo.InvariantCulture);

    public JsonNode Json => JsonNode.Parse(Body)!;

    public IReadOnlyList<(string Headers, byte[] Body)> Parts => MultipartAnswer.Parts(Header("Content-Type")!, Body);

    public string? Header(string name)
        => Last.Skip(1).FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
}
