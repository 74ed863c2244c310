namespace ImagingIngestion.Options;

/// <summary>Reads how a target is called over DIMSE: the keys of existing ConfigMaps and Secrets.</summary>
internal static class DimseTargetReader
{
    /// <summary>Its presence makes a binding one that delivers by C-STORE.</summary>
    public const string HostKey = "DIMSE_TARGET_HOST";

    private const int MaxText = 1024;
    private const string AeTitleRule = "must be an AE title of 1 to 16 characters";
    private const string ProtocolRule = "TLSv1.2 or TLSv1.3; older protocols are not spoken";

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    /// <summary>Reads the target; mistakes are with the reader.</summary>
    public static DimseBindingOptions Read(BindingSettings settings)
    {
        SettingsReader reader = settings.Reader;
        DimseBindingOptions defaults = new() { Host = "localhost", CalledAeTitle = "ANY-SCP" };
        return new DimseBindingOptions
        {
            Host = Host(settings) ?? defaults.Host,
            Port = reader.Integer(settings.Key("DIMSE_TARGET_PORT"), defaults.Port, 1, 65535),
            CalledAeTitle = CalledAeTitle(settings) ?? defaults.CalledAeTitle,
            CallingAeTitle = CallingAeTitle(settings) ?? defaults.CallingAeTitle,
            Tls = Tls(settings),
            Associations = reader.Integer(settings.Key("DIMSE_TARGET_ASSOCIATIONS"), defaults.Associations, 1, 64),
            AssociationIdleTimeout = Duration("DIMSE_TARGET_ASSOCIATION_IDLE_TIMEOUT", defaults.AssociationIdleTimeout),
            ConnectTimeout = Duration("DIMSE_TARGET_CONNECT_TIMEOUT", defaults.ConnectTimeout),
            IdleTimeout = Duration("DIMSE_TARGET_IDLE_TIMEOUT", defaults.IdleTimeout),
            ResponseTimeout = Duration("DIMSE_TARGET_RESPONSE_TIMEOUT", defaults.ResponseTimeout),
        };

        TimeSpan Duration(string key, TimeSpan fallback) => reader.Duration(settings.Key(key), fallback, Shortest, Longest);
    }

    private static string? Host(BindingSettings settings)
    {
        Setting key = settings.Key(HostKey);
        string? host = settings.Text(key, mostCharacters: 255);
        if (host is null || Uri.CheckHostName(host.Trim('[', ']')) is not (UriHostNameType.Unknown or UriHostNameType.Basic))
        {
            return host?.Trim('[', ']');
        }

        settings.Reader.AddMistake(key, "must be a host name or an IP address, without port and without scheme");
        return null;
    }

    private static string? CalledAeTitle(BindingSettings settings)
    {
        Setting key = settings.Key("DIMSE_TARGET_AE");
        if (!settings.IsGiven(key))
        {
            settings.Reader.AddMistake(key, $"is missing, and {HostKey} needs it: the title that the target is called by");
            return null;
        }

        return AeTitle(settings, "DIMSE_TARGET_AE");
    }

    /// <summary>The title of this process, which reports its own mistakes, unless the binding has another.</summary>
    private static string? CallingAeTitle(BindingSettings settings)
    {
        string? own = settings.Reader.TextOrNull(DimseOptions.AeTitleSetting);
        return (settings.Key("DIMSE_AE").IsTopLevel ? null : AeTitle(settings, "DIMSE_AE"))
            ?? (DimseReader.IsAeTitle(own ?? "") ? own : null);
    }

    private static string? AeTitle(BindingSettings settings, string name)
    {
        Setting key = settings.Key(name);
        string? title = settings.Reader.TextOrNull(key);
        if (title is null || DimseReader.IsAeTitle(title))
        {
            return title;
        }

        settings.Reader.AddMistake(key, AeTitleRule);
        return null;
    }

    private static DimseTlsTargetOptions? Tls(BindingSettings settings)
    {
        IReadOnlyList<string> protocols = settings.List(
            settings.Key("DIMSE_TLS_PROTOCOL_VERSIONS"), ProtocolRule, value => value is "TLSv1.2" or "TLSv1.3" ? value : null);
        bool isEnabled = settings.Flag(settings.Key("DIMSE_TLS_ENABLED"));
        DimseTlsTargetOptions tls = new()
        {
            CertificateFile = Text("DIMSE_TLS_KEYSTORE"),
            KeyFile = Text("DIMSE_TLS_KEY"),
            CertificatePassword = Text("DIMSE_TLS_KEYSTORE_PASSWORD"),
            AuthoritiesFile = Text("DIMSE_TLS_TRUSTSTORE"),
            AuthoritiesPassword = Text("DIMSE_TLS_TRUSTSTORE_PASSWORD"),
            AllowsTls12 = protocols.Count == 0 || protocols.Contains("TLSv1.2"),
            AllowsTls13 = protocols.Count == 0 || protocols.Contains("TLSv1.3"),
            InsecureSkipVerify = settings.Flag(settings.Key("INSECURE_SKIP_VERIFY")),
        };
        CheckType(settings, "DIMSE_TLS_KEYSTORE_TYPE");
        CheckType(settings, "DIMSE_TLS_TRUSTSTORE_TYPE");
        Require(settings, "DIMSE_TLS_KEYSTORE", "DIMSE_TLS_ENABLED");
        Require(settings, "DIMSE_TLS_TRUSTSTORE", "DIMSE_TLS_ENABLED");
        Require(settings, "DIMSE_TLS_KEY", "DIMSE_TLS_KEYSTORE");
        Require(settings, "DIMSE_TLS_KEYSTORE_PASSWORD", "DIMSE_TLS_KEYSTORE");
        Require(settings, "DIMSE_TLS_TRUSTSTORE_PASSWORD", "DIMSE_TLS_TRUSTSTORE");
        return isEnabled ? tls : null;

        string? Text(string key) => settings.Text(settings.Key(key), MaxText);
    }

    /// <summary>The content of a file says what it is, so the type is only checked.</summary>
    private static void CheckType(BindingSettings settings, string key)
        => settings.Reader.Choice(settings.Key(key), true, ("PKCS12", true), ("PEM", true));

    private static void Require(BindingSettings settings, string key, string other)
    {
        if (settings.IsGiven(settings.Key(key)) && !settings.IsGiven(settings.Key(other)))
        {
            settings.Reader.AddMistake(settings.Key(other), $"is missing, and {key} needs it");
        }
    }
}
