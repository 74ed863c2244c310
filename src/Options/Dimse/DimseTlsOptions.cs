using System.Security.Authentication;

namespace ImagingIngestion.Options;

/// <summary>
/// TLS of DIMSE: the files that hold our certificate and the authorities that we trust, with the names that existing deployments set.
/// </summary>
public sealed record DimseTlsOptions
{
    public static Setting EnabledSetting { get; } = new("Dimse:Tls:Enabled", Alias: "DIMSE_TLS_ENABLED");

    public static Setting KeyStoreSetting { get; } = new("Dimse:Tls:KeyStore", Alias: "DIMSE_TLS_KEYSTORE");

    public static Setting KeyStoreTypeSetting { get; } = new("Dimse:Tls:KeyStoreType", Alias: "DIMSE_TLS_KEYSTORE_TYPE");

    public static Setting KeyStorePasswordSetting { get; } = new("Dimse:Tls:KeyStorePassword", Alias: "DIMSE_TLS_KEYSTORE_PASSWORD");

    public static Setting TrustStoreSetting { get; } = new("Dimse:Tls:TrustStore", Alias: "DIMSE_TLS_TRUSTSTORE");

    public static Setting TrustStoreTypeSetting { get; } = new("Dimse:Tls:TrustStoreType", Alias: "DIMSE_TLS_TRUSTSTORE_TYPE");

    public static Setting TrustStorePasswordSetting { get; } = new("Dimse:Tls:TrustStorePassword", Alias: "DIMSE_TLS_TRUSTSTORE_PASSWORD");

    public static Setting ProtocolVersionsSetting { get; } = new("Dimse:Tls:ProtocolVersions", Alias: "DIMSE_TLS_PROTOCOL_VERSIONS");

    public static Setting CipherSuitesSetting { get; } = new("Dimse:Tls:CipherSuites", Alias: "DIMSE_TLS_CIPHER_SUITES");

    public static Setting ClientCertificatesSetting { get; } = new("Dimse:Tls:ClientCertificates", Alias: "DIMSE_TLS_CLIENT_CERTIFICATES");

    /// <summary>Our own port speaks TLS.</summary>
    public bool IsEnabled { get; init; }

    /// <summary>Our certificate with its key; null where there is none.</summary>
    public CertificateFile? KeyStore { get; init; }

    /// <summary>The authorities that are trusted; null trusts those of the machine.</summary>
    public CertificateFile? TrustStore { get; init; }

    /// <summary>TLS 1.2, TLS 1.3 or both.</summary>
    public SslProtocols Protocols { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    public DimseClientCertificateRule ClientCertificates { get; init; }

    /// <summary>Reads the options; null when nothing of TLS is set. Mistakes are with the reader.</summary>
    public static DimseTlsOptions? Read(SettingsReader settings)
    {
        bool isEnabled = settings.Choice(
            EnabledSetting, false, ("true", true), ("false", false), ("1", true), ("0", false), ("yes", true), ("no", false));
        DimseTlsOptions options = new()
        {
            IsEnabled = isEnabled,
            KeyStore = Store(settings, KeyStoreSetting, KeyStoreTypeSetting, KeyStorePasswordSetting),
            TrustStore = Store(settings, TrustStoreSetting, TrustStoreTypeSetting, TrustStorePasswordSetting),
            Protocols = Versions(settings),
            ClientCertificates = settings.Choice(
                ClientCertificatesSetting,
                DimseClientCertificateRule.None,
                ("none", DimseClientCertificateRule.None),
                ("optional", DimseClientCertificateRule.Optional),
                ("required", DimseClientCertificateRule.Required)),
        };
        if (settings.TextOrNull(CipherSuitesSetting) is not null)
        {
            settings.AddMistake(CipherSuitesSetting, "cannot be chosen: only suites with forward secrecy and authenticated encryption are "
                + "used, and old ones such as RSA with CBC or 3DES are refused; take it away");
        }

        if (isEnabled && options.KeyStore is null)
        {
            settings.AddMistake(KeyStoreSetting, "must name the file of our certificate and its key, because TLS is enabled");
        }

        return isEnabled || options.KeyStore is not null || options.TrustStore is not null ? options : null;
    }

    /// <summary>The content of a file says what it is, so the type is only checked.</summary>
    private static CertificateFile? Store(SettingsReader settings, Setting file, Setting type, Setting password)
    {
        settings.Choice(type, true, ("PKCS12", true), ("PEM", true));
        string? path = settings.TextOrNull(file);
        if (path is null)
        {
            return null;
        }

        if (!File.Exists(path))
        {
            settings.AddMistake(file, "must be a file that exists and can be read");
        }

        return new CertificateFile(path, settings.TextOrNull(password), file);
    }

    private static SslProtocols Versions(SettingsReader settings)
    {
        const SslProtocols both = SslProtocols.Tls12 | SslProtocols.Tls13;
        if (settings.TextOrNull(ProtocolVersionsSetting) is not { } text)
        {
            return both;
        }

        SslProtocols protocols = SslProtocols.None;
        foreach (string version in text.Split([',', ' ', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            SslProtocols known = version.ToUpperInvariant() switch { "TLSV1.2" =>
                SslProtocols.Tls12, "TLSV1.3" => SslProtocols.Tls13, _ => SslProtocols.None };
            if (known == SslProtocols.None)
            {
                settings.AddMistake(
                    ProtocolVersionsSetting,
                    "must be TLSv1.2, TLSv1.3 or both, parted by commas; older versions are not safe and are refused");
                return both;
            }

            protocols |= known;
        }

        return protocols;
    }
}
