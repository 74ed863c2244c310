using System.Text;
using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Gateways.Cluster;

/// <summary>How gateways and silos of a cluster find and trust each other.</summary>
public sealed record ClusterOptions
{
    /// <summary>Shorter keys could be guessed from one recorded call.</summary>
    public const int MinKeyBytes = 32;

    private const int MaxKeyBytes = 1024;
    private const int MaxAddressLength = 256;

    private static readonly string KeyRule = $"must have from {MinKeyBytes} to {MaxKeyBytes} characters";

    /// <summary>The settings of this class.</summary>
    public static readonly OptionsSection<ClusterOptions> Section = new(
        "Cluster",
        defaults =>
        [
            new("Cluster:Key", Form.Text(KeyRule, ReadKey), "the secret that all gateways and silos share, at least 32 characters")
            {
                OlderName = "CLUSTER_KEY", Default = "none: a cluster role does not start",
            },
            new("Cluster:PreviousKey", Form.Text(KeyRule, ReadKey), "the secret before, while it is being replaced")
            {
                OlderName = "CLUSTER_PREVIOUS_KEY", Default = "none",
            },
            new(
                "Cluster:Listen",
                Form.Text("must be an address such as http://0.0.0.0:8090", ReadAddress, defaults.Listen),
                "where a silo takes grain calls; port 0 takes a free one"),
            new(
                "Cluster:AdvertisedAddress",
                Form.Text("must be an address such as http://silo-1.example.org:8090", ReadAddress),
                "where others find the silo") { Default = "from `Cluster:Listen`, with the host's name for any address" },
            new(
                "Cluster:Heartbeat",
                Form.Duration(TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1), defaults.Heartbeat),
                "how often a silo says that it is alive, and others look"),
            new(
                "Cluster:DeadAfter",
                Form.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10), defaults.DeadAfter),
                "silence after which nobody calls a silo; at least twice the heartbeat"),
            new(
                "Cluster:ConnectTimeout",
                Form.Duration(TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1), defaults.Calls.ConnectTimeout),
                "for a connection to come about") { Path = "Cluster:Calls:ConnectTimeout" },
            new(
                "Cluster:AttemptTimeout",
                Form.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5), defaults.Calls.AttemptTimeout),
                "for one silo to answer before the next one is asked") { Path = "Cluster:Calls:AttemptTimeout" },
            new(
                "Cluster:CallDeadline",
                Form.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10), defaults.Calls.Deadline),
                "for a call over all attempts") { Path = "Cluster:Calls:Deadline" },
            new(
                "Cluster:MaxWaitingCalls",
                Form.Whole(1, 1_000_000, defaults.Calls.MaxWaitingCalls),
                "calls under way in one gateway; more are told to try later") { Path = "Cluster:Calls:MaxWaitingCalls" },
            new(
                "Cluster:MaxWaitingBytes",
                Form.Size(1 << 20, 1L << 40, defaults.Calls.MaxWaitingBytes),
                "bytes of the calls under way, in a gateway and in a silo") { Path = "Cluster:Calls:MaxWaitingBytes" },
            new("Cluster:MaxConcurrentCalls", Form.Whole(1, 1_000_000, defaults.Calls.MaxConcurrentCalls), "calls under way in one silo")
            {
                Path = "Cluster:Calls:MaxConcurrentCalls",
            },
        ],
        (section, options) => section.Bind(options),
        (options, mistakes) => options.Check(mistakes));

    /// <summary>The secret that all gateways and silos share; null if it is not set, and then nothing of a cluster starts.</summary>
    public string? Key { get; set; }

    /// <summary>The secret before <see cref="Key"/>, taken from others while it is being replaced everywhere; null for none.</summary>
    public string? PreviousKey { get; set; }

    /// <summary>Where a silo takes grain calls; port 0 takes a free one.</summary>
    public string Listen { get; set; } = "http://127.0.0.1:8090";

    /// <summary>The address that others are told, an http URL without path.</summary>
    /// <remarks>Null derives it from <see cref="Listen"/>, with this host's name if that is any address.</remarks>
    public string? AdvertisedAddress { get; set; }

    /// <summary>How often a silo says that it is alive, and how often the others look.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a silo may be silent before nobody calls it any more.</summary>
    public TimeSpan DeadAfter { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>How calls are made.</summary>
    public ClusterCallOptions Calls { get; set; } = new();

    /// <summary>Returns the address without the keys.</summary>
    public override string ToString() => $"{nameof(ClusterOptions)} {Listen}";

    private void Check(Mistakes mistakes)
    {
        if (DeadAfter < 2 * Heartbeat)
        {
            mistakes.Add(Section[nameof(DeadAfter)], $"must be at least twice {Section[nameof(Heartbeat)].Key}");
        }

        if (Calls.Deadline < Calls.AttemptTimeout)
        {
            mistakes.Add(Section["CallDeadline"], $"must not be shorter than {Section[nameof(Calls.AttemptTimeout)].Key}");
        }
    }

    private static string? ReadKey(string text) => Encoding.UTF8.GetByteCount(text) is >= MinKeyBytes and <= MaxKeyBytes ? text : null;

    private static string? ReadAddress(string text)
    {
        string address = text.TrimEnd('/');
        return address.Length <= MaxAddressLength
            && Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
            && uri is { Scheme: "http", PathAndQuery: "/", Fragment: "", UserInfo: "" }
            ? address
            : null;
    }
}

/// <summary>The bounds of grain calls between processes.</summary>
public sealed record ClusterCallOptions
{
    /// <summary>How long a connection may take to come about.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one silo may take for a call before the next one is asked.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a call may take over all attempts; senders wait longer than that for their answer.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>Calls that a gateway may have under way.</summary>
    public int MaxWaitingCalls { get; set; } = 1024;

    /// <summary>Bytes that the calls under way may hold in a gateway; one call may be larger when it is alone.</summary>
    public long MaxWaitingBytes { get; set; } = 64L << 20;

    /// <summary>Calls that a silo takes at once; others are told to try later.</summary>
    public int MaxConcurrentCalls { get; set; } = 4096;
}
