using ImagingIngestion.Gateways.Cluster;

namespace ImagingIngestion.Silo.Tests.Cluster;

/// <summary>Settings of clusters within one test process.</summary>
internal static class ClusterSettings
{
    public const string Key = "a-key-of-the-tests-with-thirty-two-or-more-characters";

    public const string OtherKey = "another-key-of-the-tests-with-as-many-characters-as-that";

    public static ClusterOptions Default { get; } = new()
    {
        Key = Key,
        Listen = "http://127.0.0.1:0",
        Heartbeat = TimeSpan.FromMilliseconds(200),
        DeadAfter = TimeSpan.FromSeconds(30),
        Calls = new ClusterCallOptions { AttemptTimeout = TimeSpan.FromSeconds(20), Deadline = TimeSpan.FromSeconds(60) },
    };
}
