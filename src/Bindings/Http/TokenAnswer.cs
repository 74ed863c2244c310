using System.Text.Json;

namespace ImagingIngestion.Bindings.Http;

/// <summary>What a token endpoint answers (RFC 6749 sections 5.1 and 5.2).</summary>
/// <param name="Token">A bearer token; null when there is none that can be used.</param>
/// <param name="ExpiresIn">Seconds that it lasts, 0 for one that has ended; null when the answer does not say.</param>
/// <param name="Error">The error code, where it is one of the standard's; anything else could repeat a secret.</param>
internal sealed record TokenAnswer(string? Token, double? ExpiresIn, string? Error)
{
    private static readonly string[] KnownErrors = ["invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"];

    /// <param name="body">The body; null when it was too long.</param>
    public static TokenAnswer Parse(byte[]? body)
    {
        TokenAnswer nothing = new(null, null, null);
        try
        {
            using JsonDocument document = JsonDocument.Parse(body ?? []);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return nothing;
            }

            string? token = Text(root, "access_token");
            bool isBearer = Text(root, "token_type") is not { } type || type.Equals("Bearer", StringComparison.OrdinalIgnoreCase);
            bool isUsable = isBearer && token is { Length: > 0 } && token.All(character => character is > ' ' and < '\x7F');
            string? error = Text(root, "error");
            return new TokenAnswer(isUsable ? token : null, Seconds(root), KnownErrors.Contains(error) ? error : null);
        }
        catch (JsonException)
        {
            return nothing;
        }
    }

    private static string? Text(JsonElement root, string name)
        => root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A number, or digits in a string, which some servers send.</summary>
    private static double? Seconds(JsonElement root)
    {
        if (!root.TryGetProperty("expires_in", out JsonElement value))
        {
            return null;
        }

        bool isRead = value.ValueKind == JsonValueKind.Number
            ? value.TryGetDouble(out double seconds)
            : double.TryParse(value.ValueKind == JsonValueKind.String ? value.GetString() : null, System.Globalization.CultureInfo.InvariantCulture, out seconds);
        return isRead && !double.IsNaN(seconds) ? Math.Max(0, seconds) : null;
    }
}
