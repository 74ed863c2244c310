using System.Net;
using System.Security.Authentication;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Settings;

namespace ImagingIngestion.Bindings.Dimse;

/// <summary>Delivers instances by C-STORE (PS3.4 annex B).</summary>
public sealed record DimseBindingOptions
{
    /// <summary>The title of a process unless another is set.</summary>
    public const string DefaultAeTitle = "DICOM-INGEST";

    internal const string HostKey = "DIMSE_TARGET_HOST";
    internal const string CallingKey = "DIMSE_AE";

    private const string TitleRule = "must be an AE title: 1 to 16 ASCII characters without backslash";
    private const string TlsKey = "DIMSE_TLS_ENABLED";

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    /// <summary>The title of this process: its DIMSE port answers to it, and bindings call with it unless they have another.</summary>
    public static readonly Setting ProcessAeTitle = new(
        "Dimse:AeTitle", Form.Text(TitleRule, ReadTitle, DefaultAeTitle), "our own title: answered to, and called with")
        {
            OlderName = CallingKey
        };

    /// <summary>A name or an IPv4 or IPv6 address.</summary>
    public string Host { get; set; } = "";

    public int Port { get; set; } = 11112;

    /// <summary>The target's title, which it is called by.</summary>
    public string CalledAeTitle { get; set; } = "";

    /// <summary>Our title, which the target may have to know.</summary>
    public string CallingAeTitle { get; set; } = DefaultAeTitle;

    /// <summary>Null for a connection without TLS.</summary>
    public DimseTlsTargetOptions? Tls { get; set; }

    /// <summary>Associations to the target at once; as many instances are on their way at a time.</summary>
    public int Associations { get; set; } = 2;

    /// <summary>How long an association is kept open without being used.</summary>
    public TimeSpan AssociationIdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long connecting may take, TLS included.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the target may take nothing of what is sent, or stop within a message.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the target may take to answer a C-STORE after its last byte: some archives store before they answer.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromMinutes(5);

    internal static readonly IReadOnlyList<BindingKey> Keys = NewKeys(new DimseBindingOptions());

    private static IReadOnlyList<BindingKey> NewKeys(DimseBindingOptions defaults) =>
    [
        Of(
            "TARGET_HOST",
            nameof(Host),
            Form.Text("must be a host name or an IP address, without port and without scheme", ReadHost),
            "C-STORE: name or address of the target") with { Needs = ["DIMSE_TARGET_AE"] },
        Of("TARGET_PORT", nameof(Port), Form.Whole(1, IPEndPoint.MaxPort, defaults.Port), "its port"),
        Of("TARGET_AE", nameof(CalledAeTitle), Form.Text(TitleRule, ReadTitle), "the title that the target is called by"),
        Of("AE", nameof(CallingAeTitle), Form.Text(TitleRule, ReadTitle), "our title, which the target may have to know") with
        {
            Default = "that of this process", IsOfProcess = true,
        },
        Of(
            "TARGET_ASSOCIATIONS",
            nameof(Associations),
            Form.Whole(1, 64, defaults.Associations),
            "associations to the target at once; each carries one instance at a time"),
        Of(
            "TARGET_ASSOCIATION_IDLE_TIMEOUT",
            nameof(AssociationIdleTimeout),
            Time(defaults.AssociationIdleTimeout),
            "time after which an association that nobody uses is released"),
        Of("TARGET_CONNECT_TIMEOUT", nameof(ConnectTimeout), Time(defaults.ConnectTimeout), "time to connect, TLS included"),
        Of("TARGET_IDLE_TIMEOUT", nameof(IdleTimeout), Time(defaults.IdleTimeout), "longest silence within a message"),
        Of(
            "TARGET_RESPONSE_TIMEOUT",
            nameof(ResponseTimeout),
            Time(defaults.ResponseTimeout),
            "time for the answer to a C-STORE after its last byte, and for all waits while the target takes a data set, beyond what 8 KiB "
                + "a second take"),
        new(TlsKey, "Dimse:UsesTls", Form.Flag(), "calls over TLS"),
        OfTls(
            "DIMSE_TLS_KEYSTORE",
            nameof(DimseTlsTargetOptions.CertificateFile),
            HttpTargetOptions.Text(),
            "client certificate, PKCS12 or PEM",
            TlsKey),
        OfTls("DIMSE_TLS_KEYSTORE_TYPE", "KeyStoreType", Type(), "`PKCS12` or `PEM`; only checked"),
        OfTls(
            "DIMSE_TLS_KEYSTORE_PASSWORD",
            nameof(DimseTlsTargetOptions.CertificatePassword),
            HttpTargetOptions.Text(),
            "its password",
            "DIMSE_TLS_KEYSTORE"),
        OfTls(
            "DIMSE_TLS_KEY",
            nameof(DimseTlsTargetOptions.KeyFile),
            HttpTargetOptions.Text(),
            "its key, if it is a file of its own",
            "DIMSE_TLS_KEYSTORE"),
        OfTls(
            "DIMSE_TLS_TRUSTSTORE",
            nameof(DimseTlsTargetOptions.AuthoritiesFile),
            HttpTargetOptions.Text(),
            "authorities to trust, PKCS12 or PEM",
            TlsKey) with
        {
            Default = "those of the system",
        },
        OfTls("DIMSE_TLS_TRUSTSTORE_TYPE", "TrustStoreType", Type(), "`PKCS12` or `PEM`; only checked"),
        OfTls(
            "DIMSE_TLS_TRUSTSTORE_PASSWORD",
            nameof(DimseTlsTargetOptions.AuthoritiesPassword),
            HttpTargetOptions.Text(),
            "their password",
            "DIMSE_TLS_TRUSTSTORE"),
        OfTls(
            "DIMSE_TLS_PROTOCOL_VERSIONS",
            nameof(DimseTlsTargetOptions.Protocols),
            Form.Flags(",", "must be TLSv1.2, TLSv1.3 or both, separated by commas; older protocols are not spoken", ReadProtocol),
            "versions of TLS, separated by commas; nothing older") with { Default = "`TLSv1.2,TLSv1.3`" },
        OfTls(
            "INSECURE_SKIP_VERIFY",
            nameof(DimseTlsTargetOptions.InsecureSkipVerify),
            Form.Flag(),
            "takes any certificate; warned of at start"),
    ];

    private static BindingKey Of(string key, string property, SettingForm form, string meaning)
        => new($"DIMSE_{key}", $"Dimse:{property}", form, meaning);

    /// <summary>
    /// Returns a key that has no effect unless the target is called over TLS: the environment also holds those of our own port.
    /// </summary>
    private static BindingKey OfTls(string key, string property, SettingForm form, string meaning, params IReadOnlyList<string> needs)
        => new(key, $"Dimse:Tls:{property}", form, meaning) { Needs = needs, AppliesIf = find => IsTrue(find(TlsKey)) };

    private static bool IsTrue(string? text) => text?.ToLowerInvariant() is "true" or "1" or "yes";

    private static SettingForm Time(TimeSpan fallback) => Form.Duration(Shortest, Longest, fallback);

    private static SettingForm Type() => Form.Choice(null, ("PKCS12", "PKCS12"), ("PEM", "PEM"));

    private static string? ReadTitle(string text) => AeTitle.TryParse(text, out AeTitle title) ? title.Value : null;

    private static string? ReadHost(string text)
    {
        string host = text.Trim('[', ']');
        return text.Length <= 255 && Uri.CheckHostName(host) is not (UriHostNameType.Unknown or UriHostNameType.Basic) ? host : null;
    }

    private static string? ReadProtocol(string text) => text.ToUpperInvariant() switch
    {
        "TLSV1.2" => nameof(SslProtocols.Tls12),
        "TLSV1.3" => nameof(SslProtocols.Tls13),
        _ => null,
    };
}

/// <summary>TLS 1.2 or 1.3 towards a DIMSE target. The content of a file says whether it is PEM or PKCS12.</summary>
public sealed record DimseTlsTargetOptions
{
    /// <summary>Our certificate; null shows none.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>The private key in PEM; null if it is in <see cref="CertificateFile"/>.</summary>
    public string? KeyFile { get; set; }

    /// <summary>The password of a PKCS12 file or of an encrypted key.</summary>
    public string? CertificatePassword { get; set; }

    /// <summary>Certificates to trust for the target instead of those of the system.</summary>
    public string? AuthoritiesFile { get; set; }

    /// <summary>The password of authorities in PKCS12.</summary>
    public string? AuthoritiesPassword { get; set; }

    /// <summary>TLS 1.2, TLS 1.3 or both.</summary>
    public SslProtocols Protocols { get; set; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Takes any certificate of the target. Warned of at start.</summary>
    public bool InsecureSkipVerify { get; set; }
}
