using System.Security.Authentication;
using ImagingIngestion.Settings;

namespace ImagingIngestion.Gateways.Dimse.Hosting;

/// <summary>TLS of DIMSE: the files that hold our certificate and the authorities that we trust.</summary>
public sealed record DimseTlsOptions
{
    private const string FileRule = "must be a file that exists and can be read";

    /// <summary>Our own port speaks TLS.</summary>
    public bool IsEnabled { get; set; }

    /// <summary>The file of our certificate with its key; null if there is none.</summary>
    public string? KeyStore { get; set; }

    public string? KeyStorePassword { get; set; }

    /// <summary>The file of the authorities that are trusted; null trusts those of the machine.</summary>
    public string? TrustStore { get; set; }

    public string? TrustStorePassword { get; set; }

    /// <summary>TLS 1.2, TLS 1.3 or both.</summary>
    public SslProtocols Protocols { get; set; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    public DimseClientCertificateRule ClientCertificates { get; set; }

    /// <summary>Returns our certificate with its key, or null if there is none.</summary>
    public CertificateFile? OwnCertificate() => FileOf(KeyStore, KeyStorePassword, nameof(KeyStore));

    /// <summary>Returns the authorities that are trusted; null trusts those of the machine.</summary>
    public CertificateFile? Authorities() => FileOf(TrustStore, TrustStorePassword, nameof(TrustStore));

    internal static readonly IReadOnlyList<Setting> Settings =
    [
        Of("Enabled", Form.Flag(), "our port speaks TLS", "DIMSE_TLS_ENABLED") with { Path = "Dimse:Tls:IsEnabled" },
        Of(nameof(KeyStore), ReadableFile(), "file with our certificate, its key, and those up to its authority", "DIMSE_TLS_KEYSTORE"),
        Of("KeyStoreType", Type(), "`PKCS12` or `PEM`; only checked, the content of the file says which it is", "DIMSE_TLS_KEYSTORE_TYPE"),
        Of(nameof(KeyStorePassword), Form.Text(), "password of the file or of its key", "DIMSE_TLS_KEYSTORE_PASSWORD"),
        Of(nameof(TrustStore), ReadableFile(), "file with the authorities that are trusted", "DIMSE_TLS_TRUSTSTORE") with
        {
            Default = "those of the system"
        },
        Of("TrustStoreType", Type(), "as `Dimse:Tls:KeyStoreType`", "DIMSE_TLS_TRUSTSTORE_TYPE"),
        Of(nameof(TrustStorePassword), Form.Text(), "password of the file", "DIMSE_TLS_TRUSTSTORE_PASSWORD"),
        Of(
            "ProtocolVersions",
            Form.Flags(
                ",; ",
                "must be TLSv1.2, TLSv1.3 or both, separated by commas; older versions are not safe and are refused",
                version => version.ToUpperInvariant() switch
                {
                    "TLSV1.2" => nameof(SslProtocols.Tls12),
                    "TLSV1.3" => nameof(SslProtocols.Tls13),
                    _ => null,
                }),
            "versions of TLS, separated by commas; older ones are refused",
            "DIMSE_TLS_PROTOCOL_VERSIONS") with { Path = "Dimse:Tls:Protocols", Default = "`TLSv1.2,TLSv1.3`" },
        Of(
            "CipherSuites",
            Form.Text(
                "cannot be chosen: only suites with forward secrecy and authenticated encryption are used, and old ones such as RSA with "
                    + "CBC or 3DES are refused; take it away",
                _ => null),
            "refused: a choice of cipher suites is not possible",
            "DIMSE_TLS_CIPHER_SUITES"),
        Of(
            nameof(ClientCertificates),
            Form.Choice(
                "none",
                ("none", nameof(DimseClientCertificateRule.None)),
                ("optional", nameof(DimseClientCertificateRule.Optional)),
                ("required", nameof(DimseClientCertificateRule.Required))),
            "whether peers show a certificate: `none`, `optional` or `required`",
            "DIMSE_TLS_CLIENT_CERTIFICATES"),
    ];

    internal void Check(Mistakes mistakes)
    {
        if (IsEnabled && KeyStore is null)
        {
            mistakes.Add(
                DimseOptions.Section[nameof(KeyStore)], "must name the file of our certificate and its key, because TLS is enabled");
        }
    }

    private static CertificateFile? FileOf(string? path, string? password, string name)
        => path is null ? null : new CertificateFile(path, password, DimseOptions.Section[name]);

    private static SettingForm ReadableFile() => Form.Text(FileRule, text => SettingPath.IsFile(text) ? text : null);

    private static SettingForm Type() => Form.Choice(null, ("PKCS12", "PKCS12"), ("PEM", "PEM"));

    private static Setting Of(string name, SettingForm form, string meaning, string olderName)
        => new($"Dimse:Tls:{name}", form, meaning) { OlderName = olderName };
}

/// <summary>Whether peers that connect over TLS show a certificate.</summary>
public enum DimseClientCertificateRule
{
    /// <summary>They are not asked.</summary>
    None,

    /// <summary>A certificate that is shown must be valid.</summary>
    Optional,

    /// <summary>A valid certificate must be shown.</summary>
    Required,
}
