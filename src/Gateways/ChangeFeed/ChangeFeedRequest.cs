using System.Globalization;
using ImagingIngestion.Gateways.Qido;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Gateways.ChangeFeed;

/// <summary>What a reader of the change feed asks for.</summary>
/// <param name="Query">Which events, and how many at most.</param>
/// <param name="Wait">How long to wait for one when there is none.</param>
internal sealed record ChangeFeedRequest(EventQuery Query, TimeSpan Wait)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private const int MaxWaitSeconds = 60;

    /// <summary>Reads a query string; what is wrong with it is in <paramref name="mistake"/>, which says what to change.</summary>
    public static ChangeFeedRequest? TryParse(string? queryString, out string mistake)
    {
        mistake = "";
        if (!QueryParameters.TryParse(queryString, out IReadOnlyList<KeyValuePair<string, string>> parameters))
        {
            mistake = "The query string has a percent escape that is malformed or no UTF-8.";
            return null;
        }

        ChangeFeedRequest request = new(new EventQuery(0, DefaultLimit, []), TimeSpan.Zero);
        HashSet<string> seen = [];
        foreach ((string name, string value) in parameters)
        {
            if (!seen.Add(name))
            {
                mistake = $"Give {Known(name)} once.";
                return null;
            }

            if (request.With(name, value, ref mistake) is not { } next)
            {
                return null;
            }

            request = next;
        }

        return request;
    }

    private static string Known(string name) => name is "after" or "limit" or "types" or "provider" or "wait" ? name : "each parameter";

    private ChangeFeedRequest? With(string name, string value, ref string mistake)
    {
        ChangeFeedRequest? answer;
        (answer, mistake) = name switch
        {
            "after" => (WithAfter(value), "after must be the number of an event, 0 for the beginning: take next of the answer before."),
            "limit" => (WithLimit(value), $"limit must be a whole number from 1 to {MaxLimit}."),
            "types" => (WithTypes(value), "types must be one or more of " + string.Join(", ", EventTypes.All.Select(type => type.Name()))
                + ", parted by commas."),
            "provider" => (WithProvider(value), "provider must be the name of a storage space: 1 to 64 ASCII letters, digits, '.', '_' or "
                + "'-', the first a letter or digit."),
            "wait" => (WithWait(value), $"wait must be a time from 0s to {MaxWaitSeconds}s, such as 30s."),
            _ => (null, "The change feed knows these parameters only: after, limit, types, provider, wait."),
        };
        return answer;
    }

    private ChangeFeedRequest? WithAfter(string value)
        => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long after)
            ? this with { Query = Query with { After = after } }
            : null;

    private ChangeFeedRequest? WithLimit(string value)
        => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit is >= 1 and <= MaxLimit
            ? this with { Query = Query with { Limit = limit } }
            : null;

    private ChangeFeedRequest? WithTypes(string value)
    {
        HashSet<EventType> types = [];
        foreach (string name in value.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!EventTypes.TryParse(name, out EventType type))
            {
                return null;
            }

            types.Add(type);
        }

        return this with { Query = Query with { Types = types } };
    }

    private ChangeFeedRequest? WithProvider(string value)
        => ProviderName.IsValid(value) ? this with { Query = Query with { Provider = new ProviderName(value) } } : null;

    private ChangeFeedRequest? WithWait(string value)
    {
        string number = value.EndsWith('s') ? value[..^1] : value;
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            && seconds is >= 0 and <= MaxWaitSeconds
            ? this with { Wait = TimeSpan.FromSeconds(seconds) }
            : null;
    }
}
