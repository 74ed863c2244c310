using System.Text.RegularExpressions;

namespace ImagingIngestion.EndToEnd.Tests.Fixtures;

/// <summary>The three UIDs under which an instance is found again.</summary>
internal sealed record StoredPath(string Study, string Series, string Sop)
{
    private static readonly Regex Url = new(
        @"/studies/(?<study>[^/]+)/series/(?<series>[^/]+)/instances/(?<sop>[^/]+)$", RegexOptions.CultureInvariant);

    public string Path => $"studies/{Study}/series/{Series}/instances/{Sop}";

    /// <summary>Parses the retrieve URL of a store response, which must name the instance that the item names.</summary>
    public static StoredPath Parse(string retrieveUrl, string sop)
    {
        Match match = Url.Match(retrieveUrl);
        return match.Success && match.Groups["sop"].Value == sop
            ? new StoredPath(match.Groups["study"].Value, match.Groups["series"].Value, sop)
            : throw new InvalidDataException($"The retrieve URL '{retrieveUrl}' does not lead to the stored instance '{sop}'.");
    }

    public override string ToString() => Path;
}
