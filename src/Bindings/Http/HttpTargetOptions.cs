using ImagingIngestion.Settings;

namespace ImagingIngestion.Bindings.Http;

/// <summary>How a target of a binding is called over HTTP. At most one way of authorisation is set.</summary>
public sealed record HttpTargetOptions
{
    private const int MaxText = 1024;
    private const int MaxToken = 16 * 1024;
    private const int MaxUrl = 2048;

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan UsualAnswerTimeout = TimeSpan.FromMinutes(5);

    private TimeSpan? _answerTimeout;

    /// <summary>Absolute, http or https, without credentials in it.</summary>
    public Uri Endpoint { get; set; } = new("http://localhost/");

    /// <summary>Basic authorisation (RFC 7617).</summary>
    public string? Username { get; set; }

    public string? Password { get; set; }

    /// <summary>A bearer token (RFC 6750).</summary>
    public string? Token { get; set; }

    /// <summary>A file that holds the bearer token; read again when it changes.</summary>
    public string? TokenFile { get; set; }

    /// <summary>The token endpoint for OAuth 2.0 client credentials (RFC 6749 section 4.4).</summary>
    public Uri? OAuth2TokenUrl { get; set; }

    public string? OAuth2ClientId { get; set; }

    public string? OAuth2ClientSecret { get; set; }

    /// <summary>The scopes to ask for, separated by spaces.</summary>
    public string? OAuth2Scope { get; set; }

    /// <summary>The client certificate: PEM, or PKCS12.</summary>
    public string? ClientCertificateFile { get; set; }

    /// <summary>The private key in PEM; null if it is in <see cref="ClientCertificateFile"/>.</summary>
    public string? ClientKeyFile { get; set; }

    /// <summary>The password of a PKCS12 file or of an encrypted key.</summary>
    public string? ClientCertificatePassword { get; set; }

    /// <summary>Certificates (PEM) to trust for the target instead of those of the system.</summary>
    public string? CaFile { get; set; }

    /// <summary>Takes any certificate of the target. Warned of at start.</summary>
    public bool InsecureSkipVerify { get; set; }

    /// <summary>How long connecting may take, TLS included.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the target may take nothing of a request and send nothing of an answer.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the target may keep us waiting in all, beyond the time that bytes need at the least pace.</summary>
    /// <remarks>
    /// Counts within the body of a request and again within its answer. Unless it is set it is no shorter than <see cref="IdleTimeout"/>.
    /// </remarks>
    public TimeSpan AnswerTimeout
    {
        get => _answerTimeout ?? (IdleTimeout > UsualAnswerTimeout ? IdleTimeout : UsualAnswerTimeout);
        set => _answerTimeout = value;
    }

    /// <summary>Returns the keys of ConfigMaps and Secrets for a kind of target.</summary>
    /// <param name="prefix">Begins the keys.</param>
    /// <param name="path">The kind's property of <see cref="BindingOptions"/>.</param>
    public static IReadOnlyList<BindingKey> Keys(string prefix, string path)
    {
        HttpTargetOptions defaults = new();
        return
        [
            Of("AUTH_USERNAME", nameof(Username), Text(), "basic authorisation: the user") with
            {
                Needs = [$"{prefix}_AUTH_PASSWORD"], IsAuthorization = true,
            },
            Of("AUTH_PASSWORD", nameof(Password), Text(), "basic authorisation: the password") with { Needs = [$"{prefix}_AUTH_USERNAME"] },
            Of("AUTH_TOKEN", nameof(Token), Text(MaxToken), "bearer token") with { IsAuthorization = true },
            Of("AUTH_TOKEN_FILE", nameof(TokenFile), Text(), "file with the bearer token; read again when it changes") with
            {
                IsAuthorization = true
            },
            Url(
                $"{prefix}_OAUTH2_TOKEN_URL",
                $"{path}:Target:{nameof(OAuth2TokenUrl)}",
                "client credentials: where tokens are fetched") with
            {
                Needs = [$"{prefix}_OAUTH2_CLIENT_ID", $"{prefix}_OAUTH2_CLIENT_SECRET"], IsAuthorization = true,
            },
            Of("OAUTH2_CLIENT_ID", nameof(OAuth2ClientId), Text(), "client credentials: the client") with
            {
                Needs = [$"{prefix}_OAUTH2_TOKEN_URL"]
            },
            Of("OAUTH2_CLIENT_SECRET", nameof(OAuth2ClientSecret), Text(MaxToken), "client credentials: its secret"),
            Of("OAUTH2_SCOPE", nameof(OAuth2Scope), Text(), "client credentials: scopes to ask for, separated by spaces"),
            Of("CLIENT_CERTIFICATE", nameof(ClientCertificateFile), Text(), "client certificate, PEM or PKCS12"),
            Of("CLIENT_KEY", nameof(ClientKeyFile), Text(), "its key, if it is a file of its own") with
            {
                Needs = [$"{prefix}_CLIENT_CERTIFICATE"]
            },
            Of("CLIENT_CERTIFICATE_PASSWORD", nameof(ClientCertificatePassword), Text(), "password of the certificate or its key") with
            {
                Needs = [$"{prefix}_CLIENT_CERTIFICATE"],
            },
            Of("CA_FILE", nameof(CaFile), Text(), "authorities to trust, PEM") with { Default = "those of the system" },
            new(
                "INSECURE_SKIP_VERIFY",
                $"{path}:Target:{nameof(InsecureSkipVerify)}",
                Form.Flag(),
                "takes any certificate; warned of at start"),
            Of(
                "CONNECT_TIMEOUT",
                nameof(ConnectTimeout),
                Form.Duration(Shortest, Longest, defaults.ConnectTimeout),
                "time to connect, TLS included"),
            Of(
                "IDLE_TIMEOUT",
                nameof(IdleTimeout),
                Form.Duration(Shortest, Longest, defaults.IdleTimeout),
                "longest silence within a request"),
            Of(
                "ANSWER_TIMEOUT",
                nameof(AnswerTimeout),
                Form.Duration(Shortest, Longest, UsualAnswerTimeout),
                "how long the target may let us wait in all, within the body of a request and again within its answer, beyond what 8 KiB "
                    + "a second take; no shorter than the idle timeout, and as long as that if it is longer"),
        ];

        BindingKey Of(string key, string property, SettingForm form, string meaning)
            => new($"{prefix}_{key}", $"{path}:Target:{property}", form, meaning);
    }

    /// <summary>Returns the key of an absolute http or https URL.</summary>
    /// <param name="key">The key.</param>
    /// <param name="path">Where the value is kept.</param>
    /// <param name="meaning">What it does.</param>
    /// <param name="service">The path that the URL ends with, which is added if it is missing; such a URL has no query.</param>
    internal static BindingKey Url(string key, string path, string meaning, string? service = null)
    {
        string parts = service is null ? "user, password or fragment" : "user, password, query or fragment";
        return new BindingKey(
            key, path, Form.Text($"must be an absolute http or https URL without {parts}", text => ReadUrl(text, service)), meaning);
    }

    /// <summary>Returns the form of a text without control characters.</summary>
    internal static SettingForm Text(int most = MaxText) => Form.Text(
        $"must have at most {most} characters and no control characters",
        text => text.Length <= most && !text.Any(char.IsControl) ? text : null);

    private static string? ReadUrl(string text, string? service)
    {
        if (text.Length > MaxUrl
            || !Uri.TryCreate(text, UriKind.Absolute, out Uri? url)
            || url is not { Scheme: "http" or "https", UserInfo: "", Fragment: "" })
        {
            return null;
        }

        if (service is null)
        {
            return text;
        }

        string root = url.AbsoluteUri.TrimEnd('/');
        return url.Query.Length > 0 ? null : root.EndsWith(service, StringComparison.Ordinal) ? root : root + service;
    }
}
