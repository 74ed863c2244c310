using System.Globalization;
using System.Net;

namespace ImagingIngestion.Options;

/// <summary>Reads the values of DIMSE settings that have a form of their own.</summary>
internal static class DimseReader
{
    private const string Any = "*";
    private const string TlsMark = "+tls";
    private const int MaxListLength = 1000;
    private const StringSplitOptions Clean = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;

    public static string AeTitle(SettingsReader settings, Setting setting, string fallback)
    {
        string title = settings.Text(setting, fallback);
        if (IsAeTitle(title))
        {
            return title;
        }

        settings.AddMistake(setting, "must be an AE title: 1 to 16 ASCII characters without backslash");
        return fallback;
    }

    public static string Address(SettingsReader settings, Setting setting, string fallback)
    {
        string address = settings.Text(setting, fallback);
        if (address == Any || IPAddress.TryParse(address, out _))
        {
            return address;
        }

        settings.AddMistake(setting, "must be an IPv4 or IPv6 address such as 0.0.0.0 or ::, or * for all");
        return fallback;
    }

    public static int Port(SettingsReader settings, Setting setting, int fallback)
    {
        string? text = settings.TextOrNull(setting);
        if (text is null)
        {
            return fallback;
        }

        if (text == "-1" || string.Equals(text, "off", StringComparison.OrdinalIgnoreCase))
        {
            return DimseOptions.Off;
        }

        if (TryPort(text, least: 0, out int port))
        {
            return port;
        }

        settings.AddMistake(setting, "must be a port from 0 to 65535, where 0 takes a free one, or off");
        return fallback;
    }

    public static IReadOnlyList<string> AeTitles(SettingsReader settings, Setting setting, bool allowsAny)
    {
        string[] titles = Parts(settings, setting, ',');
        if (titles.Length <= MaxListLength && titles.All(title => IsAeTitle(title) && (allowsAny || title != Any)))
        {
            return [.. titles.Distinct(StringComparer.Ordinal)];
        }

        settings.AddMistake(setting, $"must be at most {MaxListLength} AE titles parted by commas, each of 1 to 16 ASCII characters "
            + "without backslash" + (allowsAny ? ", or * for any" : "; leave it out to take any"));
        return [];
    }

    public static IReadOnlyList<string> SopClasses(SettingsReader settings, Setting setting, IReadOnlyList<string> fallback)
    {
        string[] classes = [.. Parts(settings, setting, ',').Select(text => IsWord(text) ? text.ToLowerInvariant() : text)];
        if (classes.Length == 0)
        {
            return fallback;
        }

        if (classes.Length <= MaxListLength && classes.All(text => IsWord(text) || IsUid(text)))
        {
            return classes;
        }

        settings.AddMistake(setting, $"must be {DimseOptions.AllSopClasses}, {DimseOptions.StandardSopClasses} or SOP class UIDs, parted "
            + $"by commas and at most {MaxListLength}");
        return fallback;
    }

    public static IReadOnlyList<DimsePeerOptions> Peers(SettingsReader settings, Setting setting)
    {
        List<DimsePeerOptions> peers = [];
        foreach (string text in Parts(settings, setting, ';'))
        {
            if (Peer(text) is not { } peer || peers.Count == MaxListLength || peers.Exists(other => other.AeTitle == peer.AeTitle))
            {
                settings.AddMistake(setting, $"must be at most {MaxListLength} peers with titles of their own, parted by semicolons, each "
                    + "such as ARCHIVE@pacs.example.org:104, VIEWER@[fd00::7]:11112 or SECURE@10.0.0.5:2762+tls");
                return [];
            }

            peers.Add(peer);
        }

        return peers;
    }

    private static DimsePeerOptions? Peer(string text)
    {
        bool usesTls = text.EndsWith(TlsMark, StringComparison.OrdinalIgnoreCase);
        string rest = usesTls ? text[..^TlsMark.Length] : text;
        int at = rest.LastIndexOf('@');
        int colon = rest.LastIndexOf(':');
        if (at <= 0 || colon < at || !IsAeTitle(rest[..at].Trim()) || !TryPort(rest[(colon + 1)..], least: 1, out int port))
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
        return isHost ? new DimsePeerOptions(rest[..at].Trim(), host, port, usesTls) : null;
    }

    private static string[] Parts(SettingsReader settings, Setting setting, char separator)
        => settings.TextOrNull(setting) is { } text
            ? text.Split(separator, Clean)
            : [.. settings.Children(setting.Key).Select(index => settings.TextOrNull(new Setting($"{setting.Key}:{index}"))?.Trim() ?? "")];

    private static bool TryPort(string text, int least, out int port)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port >= least && port <= IPEndPoint.MaxPort;

    private static bool IsWord(string text)
        => string.Equals(text, DimseOptions.AllSopClasses, StringComparison.OrdinalIgnoreCase)
            || string.Equals(text, DimseOptions.StandardSopClasses, StringComparison.OrdinalIgnoreCase);

    private static bool IsUid(string text)
        => text.Length <= 64 && text.Split('.').All(part => part.Length > 0 && part.All(char.IsAsciiDigit));

    /// <summary>As <c>AeTitle</c> of the DIMSE library has it.</summary>
    public static bool IsAeTitle(string text)
        => text.Length is > 0 and <= 16 && text.All(character => character is >= ' ' and <= '~' and not '\\');
}
