using System.Globalization;
using System.Net;
using ImagingIngestion.Bindings.Dimse;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Gateways.Dimse.Hosting;

/// <summary>The DIMSE service of this process.</summary>
public sealed record DimseOptions
{
    /// <summary>What <see cref="Port"/> is where DIMSE is turned off.</summary>
    public const int Off = -1;

    /// <summary>The word of <see cref="StorageSopClasses"/> for every class that is not known to be something else.</summary>
    public const string AllSopClasses = "all";

    /// <summary>The word of <see cref="StorageSopClasses"/> for the classes that the standard names.</summary>
    public const string StandardSopClasses = "standard";

    private const string Any = "*";
    private const string TlsMark = "+tls";
    private const int MaxListLength = 1000;

    private static readonly string TitlesRule =
        $"must be at most {MaxListLength} AE titles separated by commas, each of 1 to 16 ASCII characters without backslash";

    /// <summary>The settings of this class.</summary>
    public static readonly OptionsSection<DimseOptions> Section = new(
        "Dimse",
        defaults =>
        [
            DimseBindingOptions.ProcessAeTitle,
            new(
                "Dimse:Address",
                Form.Text(
                    "must be an IPv4 or IPv6 address such as 0.0.0.0 or ::, or * for all",
                    text => text == Any || IPAddress.TryParse(text, out _) ? text : null,
                    defaults.Address),
                "an IPv4 or IPv6 address to listen on, `*` for all"),
            new(
                "Dimse:Port",
                Form.Text(
                    "must be a port from 0 to 65535, where 0 takes a free one, or off",
                    ReadPort,
                    defaults.Port.ToString(CultureInfo.InvariantCulture)),
                "port to listen on; 0 takes a free one, `off` turns DIMSE off") { CommandLine = "--dimse-port", OlderName = "DIMSE_PORT" },
            new(
                "Dimse:CalledAeTitles",
                Form.List(",", TitlesRule + ", or * for any", ReadTitle, MaxListLength),
                "titles that are taken besides our own, separated by commas; `*` takes any") { Default = "none" },
            new(
                "Dimse:CallingAeTitles",
                Form.List(",", TitlesRule + "; leave it out to take any", text => text == Any ? null : ReadTitle(text), MaxListLength),
                "calling titles that are taken, separated by commas") { Default = "all" },
            new(
                "Dimse:StorageSopClasses",
                Form.List(
                    ",",
                    $"must be {AllSopClasses}, {StandardSopClasses} or SOP class UIDs, separated by commas and at most {MaxListLength}",
                    ReadSopClass,
                    MaxListLength,
                    [AllSopClasses]),
                "SOP classes that may be stored: `all`, `standard`, or UIDs; separated by commas they add up"),
            new(
                "Dimse:Peers",
                Form.Items(
                    ";",
                    $"must be at most {MaxListLength} peers with titles of their own, separated by semicolons, each such as "
                        + "ARCHIVE@pacs.example.org:104, VIEWER@[fd00::7]:11112 or SECURE@10.0.0.5:2762+tls",
                    ReadPeer,
                    MaxListLength),
                "the systems that we call: `ARCHIVE@pacs.example.org:104; VIEWER@[fd00::7]:11112; SECURE@10.0.0.5:2762+tls`")
                {
                    Default = "none"
                },
            .. DimseLimitOptions.Settings(defaults.Limits),
            .. DimseTlsOptions.Settings,
        ],
        (section, options) => section.Bind(options),
        (options, mistakes) => options.Tls?.Check(mistakes));

    /// <summary>Our own title: what we answer to, and call others with.</summary>
    public string AeTitle { get; set; } = DimseBindingOptions.DefaultAeTitle;

    /// <summary>An IPv4 or IPv6 address, or <c>*</c> for all. Only this machine reaches the default.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>0 takes a free one; -1 turns DIMSE off.</summary>
    public int Port { get; set; } = 11112;

    /// <summary>Called titles that are taken besides our own; <c>*</c> takes any.</summary>
    public IReadOnlyList<string> CalledAeTitles { get; set; } = [];

    /// <summary>Calling titles that are taken; any when empty.</summary>
    public IReadOnlyList<string> CallingAeTitles { get; set; } = [];

    /// <summary>Destinations of C-MOVE and of storage commitment results.</summary>
    public IReadOnlyList<DimsePeerOptions> Peers { get; set; } = [];

    /// <summary>
    /// SOP classes that may be stored: <c>all</c>, <c>standard</c> for those that the standard names, or UIDs; together they add up.
    /// </summary>
    public IReadOnlyList<string> StorageSopClasses { get; set; } = [];

    /// <summary>How much is taken at once, and how long is waited.</summary>
    public DimseLimitOptions Limits { get; set; } = new();

    /// <summary>Null listens without TLS, and has neither certificate nor authorities for peers with TLS.</summary>
    public DimseTlsOptions? Tls { get; set; }

    private static string? ReadTitle(string text)
        => ImagingIngestion.Dimse.Associations.AeTitle.TryParse(text, out AeTitle title) ? title.Value : null;

    private static string? ReadPort(string text)
        => text == "-1" || string.Equals(text, "off", StringComparison.OrdinalIgnoreCase) ? Off.ToString(CultureInfo.InvariantCulture)
            : IsPort(text, least: 0) ? text
            : null;

    private static string? ReadSopClass(string text)
    {
        string word = text.ToLowerInvariant();
        bool isUid = text.Length <= 64 && text.Split('.').All(part => part.Length > 0 && part.All(char.IsAsciiDigit));
        return word is AllSopClasses or StandardSopClasses ? word : isUid ? text : null;
    }

    private static IReadOnlyList<(string Field, string Value)>? ReadPeer(string text)
    {
        bool usesTls = text.EndsWith(TlsMark, StringComparison.OrdinalIgnoreCase);
        string rest = usesTls ? text[..^TlsMark.Length] : text;
        int at = rest.LastIndexOf('@');
        int colon = rest.LastIndexOf(':');
        if (at <= 0 || colon < at || ReadTitle(rest[..at]) is not { } title || !IsPort(rest[(colon + 1)..], least: 1))
        {
            return null;
        }

        string host = rest[(at + 1)..colon];
        bool isBracketed = host.StartsWith('[') && host.EndsWith(']');
        if (isBracketed)
        {
            host = host[1..^1];
        }

        UriHostNameType kind = Uri.CheckHostName(host);
        bool isHost = isBracketed ? kind == UriHostNameType.IPv6 : kind is UriHostNameType.Dns or UriHostNameType.IPv4;
        return isHost
            ?
            [
                (nameof(DimsePeerOptions.AeTitle), title),
                (nameof(DimsePeerOptions.Host), host),
                (nameof(DimsePeerOptions.Port), rest[(colon + 1)..]),
                (nameof(DimsePeerOptions.UsesTls), usesTls ? "true" : "false"),
            ]
            : null;
    }

    private static bool IsPort(string text, int least)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port >= least && port <= IPEndPoint.MaxPort;
}

/// <summary>An application entity that this system calls.</summary>
/// <param name="AeTitle">Its title.</param>
/// <param name="Host">A name or address.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="UsesTls">It is called over TLS.</param>
public sealed record DimsePeerOptions(string AeTitle, string Host, int Port, bool UsesTls);

/// <summary>How much DIMSE takes at once, and how long it waits.</summary>
public sealed record DimseLimitOptions
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Most = TimeSpan.FromHours(24);

    /// <summary>The defaults of the DIMSE library, which are those of the settings too.</summary>
    private static readonly AssociationOptions Association = new();

    /// <summary>Associations at once; one more takes the place of one that is idle, or is rejected for now.</summary>
    public int MaxAssociations { get; set; } = 100;

    /// <summary>Associations at once of one calling AE title; 0 sets no limit of its own.</summary>
    public int MaxAssociationsPerAe { get; set; }

    /// <summary>Connections at once, those without an association included; one more is closed.</summary>
    public int MaxConnections { get; set; } = 4096;

    /// <summary>Bytes of the longest P-DATA-TF that is taken and sent, without its header.</summary>
    public int MaximumLength { get; set; } = Association.MaximumLength;

    /// <summary>Operations that one association may have open at once, if the peer asks for more than one.</summary>
    public int MaxOperations { get; set; } = Association.MaxOperationsPerformed;

    /// <summary>Associations at once that one C-MOVE opens to its destination.</summary>
    public int MoveAssociations { get; set; } = 1;

    /// <summary>How long an association request may take to come after the connection, and the connection to close after its end.</summary>
    public TimeSpan ArtimTimeout { get; set; } = Association.ArtimTimeout;

    /// <summary>How long to connect, TLS included.</summary>
    public TimeSpan ConnectTimeout { get; set; } = Association.ConnectTimeout;

    /// <summary>How long an answer to an association or release request may take.</summary>
    public TimeSpan AssociationTimeout { get; set; } = Association.AssociationTimeout;

    /// <summary>How long an association may stay without any operation.</summary>
    public TimeSpan IdleTimeout { get; set; } = Association.IdleTimeout;

    /// <summary>How long an association without operation is safe from giving way to a new one when all places are taken.</summary>
    public TimeSpan IdleGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a peer may stay silent within a message.</summary>
    public TimeSpan ReceiveTimeout { get; set; } = Association.ReceiveTimeout;

    /// <summary>How long a peer may take nothing of what is sent.</summary>
    public TimeSpan SendTimeout { get; set; } = Association.SendTimeout;

    /// <summary>How long a response to a request may take.</summary>
    public TimeSpan ResponseTimeout { get; set; } = Association.ResponseTimeout;

    internal static IEnumerable<Setting> Settings(DimseLimitOptions defaults) =>
    [
        Of(
            nameof(MaxAssociations),
            Form.Whole(1, 100_000, defaults.MaxAssociations),
            "associations at once; one more takes the place of the association that is idle longest, else of the slowest below "
                + "`Ingest:MinRate`, else it is rejected for now"),
        Of(
            nameof(MaxAssociationsPerAe),
            Form.Whole(0, 100_000, defaults.MaxAssociationsPerAe),
            "at once of one calling title; 0 for no limit"),
        Of(
            nameof(MaxConnections),
            Form.Whole(1, 100_000, defaults.MaxConnections),
            "connections at once, those without an association included; never more than their share of the files that the process may "
                + "open"),
        Of(nameof(MaximumLength), Form.Size(4 << 10, 1 << 20, defaults.MaximumLength), "longest PDU, 4 KiB to 1 MiB"),
        Of(nameof(MaxOperations), Form.Whole(1, 1000, defaults.MaxOperations), "operations of one association at once"),
        Of(
            nameof(MoveAssociations),
            Form.Whole(1, 64, defaults.MoveAssociations),
            "associations at once that one C-MOVE opens to its destination, up to 64"),
        Of(
            nameof(ArtimTimeout),
            Form.Duration(Least, Most, defaults.ArtimTimeout),
            "time for the association request after the connection"),
        Of(nameof(ConnectTimeout), Form.Duration(Least, Most, defaults.ConnectTimeout), "time to connect, TLS included"),
        Of(
            nameof(AssociationTimeout),
            Form.Duration(Least, Most, defaults.AssociationTimeout),
            "time for the answer to an association or release request"),
        Of(nameof(IdleTimeout), Form.Duration(Least, Most, defaults.IdleTimeout), "time that an association may stay without operation"),
        Of(
            nameof(IdleGrace),
            Form.Duration(TimeSpan.Zero, Most, defaults.IdleGrace),
            "time after which an association without operation may give way to a new one"),
        Of(nameof(ReceiveTimeout), Form.Duration(Least, Most, defaults.ReceiveTimeout), "longest silence within a message"),
        Of(nameof(SendTimeout), Form.Duration(Least, Most, defaults.SendTimeout), "longest time that a peer takes nothing of what is sent"),
        Of(nameof(ResponseTimeout), Form.Duration(Least, Most, defaults.ResponseTimeout), "time for a response to a request of ours"),
    ];

    private static Setting Of(string name, SettingForm form, string meaning)
        => new($"Dimse:{name}", form, meaning) { Path = $"Dimse:{nameof(DimseOptions.Limits)}:{name}" };
}
