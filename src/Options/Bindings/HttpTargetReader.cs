namespace ImagingIngestion.Options;

/// <summary>Reads how a target is called over HTTP: the keys of ConfigMaps and Secrets with the prefix of the kind.</summary>
internal static class HttpTargetReader
{
    private const int MaxText = 1024;
    private const int MaxToken = 16 * 1024;

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    /// <summary>Stands in for an endpoint that is a mistake; the process does not start with it.</summary>
    private static readonly Uri Nowhere = new("http://localhost/");

    /// <summary>Reads the target; mistakes are with the reader.</summary>
    public static HttpTargetOptions Read(BindingSettings settings, string prefix)
    {
        HttpTargetOptions defaults = new() { Endpoint = Nowhere };
        HttpTargetOptions target = new()
        {
            Endpoint = settings.Url(Key("ENDPOINT")) ?? Nowhere,
            Username = settings.Text(Key("AUTH_USERNAME"), MaxText),
            Password = settings.Text(Key("AUTH_PASSWORD"), MaxText),
            Token = settings.Text(Key("AUTH_TOKEN"), MaxToken),
            TokenFile = settings.Text(Key("AUTH_TOKEN_FILE"), MaxText),
            OAuth2TokenUrl = settings.Url(Key("OAUTH2_TOKEN_URL")),
            OAuth2ClientId = settings.Text(Key("OAUTH2_CLIENT_ID"), MaxText),
            OAuth2ClientSecret = settings.Text(Key("OAUTH2_CLIENT_SECRET"), MaxToken),
            OAuth2Scope = settings.Text(Key("OAUTH2_SCOPE"), MaxText),
            ClientCertificateFile = settings.Text(Key("CLIENT_CERTIFICATE"), MaxText),
            ClientKeyFile = settings.Text(Key("CLIENT_KEY"), MaxText),
            ClientCertificatePassword = settings.Text(Key("CLIENT_CERTIFICATE_PASSWORD"), MaxText),
            CaFile = settings.Text(Key("CA_FILE"), MaxText),
            InsecureSkipVerify = settings.Flag(settings.Key("INSECURE_SKIP_VERIFY")),
            ConnectTimeout = settings.Reader.Duration(Key("CONNECT_TIMEOUT"), defaults.ConnectTimeout, Shortest, Longest),
            IdleTimeout = settings.Reader.Duration(Key("IDLE_TIMEOUT"), defaults.IdleTimeout, Shortest, Longest),
        };
        Check(settings, prefix);
        return target with { AnswerTimeout = AnswerTimeout(settings, Key("ANSWER_TIMEOUT"), target) };

        Setting Key(string key) => settings.Key($"{prefix}_{key}");
    }

    /// <summary>As long as a silence may be, at least: else no target could use that up.</summary>
    private static TimeSpan AnswerTimeout(BindingSettings settings, Setting key, HttpTargetOptions target)
    {
        TimeSpan fallback = target.AnswerTimeout > target.IdleTimeout ? target.AnswerTimeout : target.IdleTimeout;
        TimeSpan timeout = settings.Reader.Duration(key, fallback, Shortest, Longest);
        if (timeout < target.IdleTimeout)
        {
            settings.Reader.AddMistake(key, "must not be shorter than the idle timeout");
        }

        return timeout;
    }

    /// <summary>A target without credentials or certificates: those of another target must not be sent to it.</summary>
    public static HttpTargetOptions ReadBare(BindingSettings settings, string key)
        => new() { Endpoint = settings.Url(settings.Key(key)) ?? Nowhere };

    private static void Check(BindingSettings settings, string prefix)
    {
        if (new[] { "AUTH_USERNAME", "AUTH_TOKEN", "AUTH_TOKEN_FILE", "OAUTH2_TOKEN_URL" }.Where(Has).ToArray() is { Length: > 1 } ways)
        {
            settings.Reader.AddMistake(Key(ways[0]), $"and {string.Join(
                ", ", ways[1..].Select(way => $"{prefix}_{way}"))} are different ways of authorisation, of which a target has one");
        }

        Require("AUTH_USERNAME", "AUTH_PASSWORD");
        Require("AUTH_PASSWORD", "AUTH_USERNAME");
        Require("OAUTH2_TOKEN_URL", "OAUTH2_CLIENT_ID");
        Require("OAUTH2_TOKEN_URL", "OAUTH2_CLIENT_SECRET");
        Require("OAUTH2_CLIENT_ID", "OAUTH2_TOKEN_URL");
        Require("CLIENT_KEY", "CLIENT_CERTIFICATE");
        Require("CLIENT_CERTIFICATE_PASSWORD", "CLIENT_CERTIFICATE");

        Setting Key(string key) => settings.Key($"{prefix}_{key}");

        bool Has(string key) => settings.IsGiven(Key(key));

        void Require(string key, string other)
        {
            if (Has(key) && !Has(other))
            {
                settings.Reader.AddMistake(Key(other), $"is missing, and {prefix}_{key} needs it");
            }
        }
    }
}
