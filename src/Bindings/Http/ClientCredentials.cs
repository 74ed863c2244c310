using System.Net.Http.Headers;
using System.Text.Json;

namespace ImagingIngestion.Bindings.Http;

/// <summary>Bearer tokens from a token endpoint (RFC 6749 section 4.4).</summary>
/// <remarks>
/// A token is requested before the old one ends, and again when the target has refused it. Any number of requests share one answer.
/// </remarks>
internal sealed class ClientCredentials(HttpTargetOptions options, HttpClient client, TimeProvider time) : IAuthorization
{
    private const int MaxAnswerBytes = 64 << 10;

    /// <summary>The lifetime of a token whose answer names none.</summary>
    private static readonly TimeSpan UnstatedLifetime = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestMargin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private Grant? _grant;
    private Task<Grant>? _flight;

    public async ValueTask<AuthenticationHeaderValue> GetAsync(CancellationToken cancellationToken)
    {
        Task<Grant> flight;
        lock (_gate)
        {
            if (_grant is { } grant && time.GetElapsedTime(grant.At) < grant.Use)
            {
                return grant.Header;
            }

            flight = _flight ??= Task.Run(FetchAsync, CancellationToken.None);
        }

        return (await flight.WaitAsync(cancellationToken)).Header;
    }

    public async ValueTask<AuthenticationHeaderValue?> RenewAsync(AuthenticationHeaderValue refused, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_grant is { } grant && grant.Header.Equals(refused))
            {
                _grant = null;
            }
        }

        return await GetAsync(cancellationToken);
    }

    public void Dispose() => client.Dispose();

    private async Task<Grant> FetchAsync()
    {
        Grant? grant = null;
        try
        {
            return grant = await RequestAsync();
        }
        finally
        {
            lock (_gate)
            {
                _grant = grant;
                _flight = null;
            }
        }
    }

    private async Task<Grant> RequestAsync()
    {
        Uri url = options.OAuth2TokenUrl!;
        TimeSpan wait = options.IdleTimeout < LongestWait ? options.IdleTimeout : LongestWait;
        using CancellationTokenSource deadline = new(wait, time);
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Post, url) { Content = new FormUrlEncodedContent(Form()) };
            // RFC 6749 section 2.3.1: both are form-encoded before they are joined.
            request.Headers.Authorization = BasicAuthorization.Header(
                Uri.EscapeDataString(options.OAuth2ClientId ?? ""), Uri.EscapeDataString(options.OAuth2ClientSecret ?? ""));
            request.Headers.Accept.ParseAdd("application/json");
            long asked = time.GetTimestamp();
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            using CappedBody body = await CappedBody.ReadAsync(response.Content, MaxAnswerBytes, memory: null, deadline.Token);
            TokenAnswer answer = TokenAnswer.Parse(body.Bytes);
            if (!response.IsSuccessStatusCode || answer.Token is null)
            {
                string reason = answer.Error is { } error ? $" ({error})" : "";
                throw new TargetException($"The token endpoint {url.Authority} gave no token: status {(int)response.StatusCode}{reason}. "
                    + "Check the client's id, secret and scope.");
            }

            TimeSpan lifetime = TimeSpan.FromSeconds(
                Math.Min(answer.ExpiresIn ?? UnstatedLifetime.TotalSeconds, LongestLifetime.TotalSeconds));
            TimeSpan margin = lifetime / 5 < LongestMargin ? lifetime / 5 : LongestMargin;
            return new Grant(new AuthenticationHeaderValue("Bearer", answer.Token), asked, lifetime - margin);
        }
        catch (OperationCanceledException exception)
        {
            throw new TargetException($"The token endpoint {url.Authority} did not answer within {wait.TotalSeconds:0.#} s.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException and not TargetException or IOException)
        {
            throw new TargetException($"The token endpoint cannot be reached: {TargetFaults.Describe(exception, url)}", exception);
        }
    }

    private Dictionary<string, string> Form()
    {
        Dictionary<string, string> form = new() { ["grant_type"] = "client_credentials" };
        if (options.OAuth2Scope is { Length: > 0 } scope)
        {
            form["scope"] = scope;
        }

        return form;
    }

    /// <param name="Header">The header to send.</param>
    /// <param name="At">The timestamp of the request.</param>
    /// <param name="Use">How long the header is used.</param>
    private sealed record Grant(AuthenticationHeaderValue Header, long At, TimeSpan Use);
}

/// <summary>The answer of a token endpoint (RFC 6749 sections 5.1 and 5.2).</summary>
/// <param name="Token">A bearer token; null if there is no usable one.</param>
/// <param name="ExpiresIn">Its lifetime in seconds, 0 if it has ended; null if the answer names none.</param>
/// <param name="Error">The error code if it is one of the standard's; any other text could repeat a secret.</param>
internal sealed record TokenAnswer(string? Token, double? ExpiresIn, string? Error)
{
    private static readonly string[] KnownErrors =
    [
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"
    ];

    /// <param name="body">The body; null if it was too long.</param>
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

    /// <summary>Reads a number, or digits in a string, which some servers send.</summary>
    private static double? Seconds(JsonElement root)
    {
        if (!root.TryGetProperty("expires_in", out JsonElement value))
        {
            return null;
        }

        bool isRead = value.ValueKind == JsonValueKind.Number
            ? value.TryGetDouble(out double seconds)
            : double.TryParse(
                value.ValueKind == JsonValueKind.String ? value.GetString() : null,
                System.Globalization.CultureInfo.InvariantCulture,
                out seconds);
        return isRead && !double.IsNaN(seconds) ? Math.Max(0, seconds) : null;
    }
}
