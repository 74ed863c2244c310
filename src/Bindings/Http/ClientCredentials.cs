using System.Net.Http.Headers;
using ImagingIngestion.Options;

namespace ImagingIngestion.Bindings.Http;

/// <summary>
/// Bearer tokens from a token endpoint (RFC 6749 section 4.4). A token is asked for before the old one ends, and anew when the target has refused
/// it; any number of requests wait for the same answer.
/// </summary>
internal sealed class ClientCredentials(HttpTargetOptions options, HttpClient client, TimeProvider time) : IAuthorization
{
    private const int MaxAnswerBytes = 64 << 10;

    /// <summary>How long a token is taken to last whose answer does not say.</summary>
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
            request.Headers.Authorization = BasicAuthorization.Header(Uri.EscapeDataString(options.OAuth2ClientId ?? ""), Uri.EscapeDataString(options.OAuth2ClientSecret ?? ""));
            request.Headers.Accept.ParseAdd("application/json");
            long asked = time.GetTimestamp();
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            using CappedBody body = await CappedBody.ReadAsync(response.Content, MaxAnswerBytes, memory: null, deadline.Token);
            TokenAnswer answer = TokenAnswer.Parse(body.Bytes);
            if (!response.IsSuccessStatusCode || answer.Token is null)
            {
                string reason = answer.Error is { } error ? $" ({error})" : "";
                throw new TargetException($"The token endpoint {url.Authority} gave no token: status {(int)response.StatusCode}{reason}. Check the client's id, secret and scope.");
            }

            TimeSpan lifetime = TimeSpan.FromSeconds(Math.Min(answer.ExpiresIn ?? UnstatedLifetime.TotalSeconds, LongestLifetime.TotalSeconds));
            TimeSpan margin = lifetime / 5 < LongestMargin ? lifetime / 5 : LongestMargin;
            return new Grant(new AuthenticationHeaderValue("Bearer", answer.Token), asked, lifetime - margin);
        }
        catch (OperationCanceledException exception)
        {
            throw new TargetException($"The token endpoint {url.Authority} did not answer within {wait.TotalSeconds:0.#} s.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException and not TargetException or IOException)
        {
            throw new TargetException($"The token endpoint cannot be asked: {TargetFaults.Describe(exception, url)}", exception);
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

    /// <param name="Header">What is sent.</param>
    /// <param name="At">When it was asked for.</param>
    /// <param name="Use">How long it is used.</param>
    private sealed record Grant(AuthenticationHeaderValue Header, long At, TimeSpan Use);
}
