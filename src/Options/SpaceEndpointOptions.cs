namespace ImagingIngestion.Options;

/// <summary>Where another storage space than the one of this process is reached.</summary>
/// <param name="Provider">The name of the storage space.</param>
/// <param name="Internal">Its WADO-RS root inside the cluster, without a slash at its end.</param>
/// <param name="External">Its WADO-RS root as clients outside reach it, without a slash at its end.</param>
public sealed record SpaceEndpointOptions(string Provider, string Internal, string External)
{
    public static Setting EndpointsSetting { get; } = new("Events:WadoEndpoints", Alias: "WADO_ENDPOINTS");

    private const int MaxSpaces = 1000;

    /// <summary>Reads the options; mistakes are with the reader.</summary>
    internal static IReadOnlyList<SpaceEndpointOptions> Read(SettingsReader settings)
    {
        if (settings.TextOrNull(EndpointsSetting) is not { } all)
        {
            return [];
        }

        List<SpaceEndpointOptions> spaces = [];
        foreach (string text in all.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Parse(text) is not { } space || spaces.Count == MaxSpaces || spaces.Exists(other => other.Provider == space.Provider))
            {
                settings.AddMistake(
                    EndpointsSetting,
                    $"must be at most {MaxSpaces} storage spaces, each once, parted by semicolons, with their WADO-RS roots inside and, if "
                        + "another one, outside: oncology=http://oncology-wado.imaging.svc/wado-rs,https://pacs.example.org/wado-rs");
                return [];
            }

            spaces.Add(space);
        }

        return spaces;
    }

    private static SpaceEndpointOptions? Parse(string text)
    {
        string[] parts = text.Split('=', 2, StringSplitOptions.TrimEntries);
        string[] roots = parts.Length < 2 ? [] : [.. parts[1].Split(',', StringSplitOptions.TrimEntries).Select(root => root.TrimEnd('/'))];
        return roots.Length is 1 or 2 && ProviderOptions.IsName(parts[0]) && roots.All(EventOptions.IsEndpoint)
            ? new SpaceEndpointOptions(parts[0], roots[0], roots[^1])
            : null;
    }
}
