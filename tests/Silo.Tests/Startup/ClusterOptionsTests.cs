using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Silo.Tests.Cluster;

namespace ImagingIngestion.Silo.Tests.Startup;

public sealed class ClusterOptionsTests
{
    private const string Key = ClusterSettings.Key;

    [Fact]
    public void Without_settings_there_is_no_key_and_a_role_that_needs_one_says_which_name_to_set()
    {
        GivenSettings given = GivenSettings.Of();
        Assert.Empty(given.Mistakes);
        Assert.Null(given.Cluster.Key);

        string mistake = Assert.Single(
            GivenSettings.Of(
                ("ROLES", "silo"), ("DB_KIND", "postgresql"), ("DB_HOST", "db"), ("DB_NAME", "imaging"), ("DB_USER", "imaging")).Mistakes);
        Assert.Contains("IMAGING__CLUSTER__KEY or CLUSTER_KEY", mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_the_environment_are_read()
    {
        GivenSettings given = GivenSettings.Of(
            ("CLUSTER_KEY", Key), ("CLUSTER_PREVIOUS_KEY", ClusterSettings.OtherKey), ("Imaging:Cluster:Listen", "http://0.0.0.0:9000/"),
            ("Imaging:Cluster:AdvertisedAddress", "http://silo-1:9000"),
            ("Imaging:Cluster:Heartbeat", "1s"),
            ("Imaging:Cluster:DeadAfter", "5s"),
            ("Imaging:Cluster:AttemptTimeout", "3s"), ("Imaging:Cluster:MaxWaitingBytes", "2M"));

        Assert.Empty(given.Mistakes);
        ClusterOptions options = given.Cluster;
        Assert.Equal(
            (Key, ClusterSettings.OtherKey, "http://0.0.0.0:9000", "http://silo-1:9000"),
            (options.Key, options.PreviousKey, options.Listen, options.AdvertisedAddress));
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)), (options.Heartbeat, options.DeadAfter));
        Assert.Equal((TimeSpan.FromSeconds(3), 2L << 20), (options.Calls.AttemptTimeout, options.Calls.MaxWaitingBytes));
        Assert.DoesNotContain(Key, options.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CLUSTER_KEY", "tiny", "CLUSTER_KEY")]
    [InlineData("CLUSTER_PREVIOUS_KEY", "tiny", "CLUSTER_PREVIOUS_KEY")]
    [InlineData("Imaging:Cluster:Listen", "0.0.0.0:9000", "IMAGING__CLUSTER__LISTEN")]
    [InlineData("Imaging:Cluster:AdvertisedAddress", "http://silo/path", "IMAGING__CLUSTER__ADVERTISEDADDRESS")]
    [InlineData("Imaging:Cluster:DeadAfter", "3s", "IMAGING__CLUSTER__DEADAFTER")]
    [InlineData("Imaging:Cluster:CallDeadline", "1s", "IMAGING__CLUSTER__CALLDEADLINE")]
    public void A_mistake_names_what_to_set_and_not_the_key(string name, string value, string told)
    {
        string mistake = Assert.Single(GivenSettings.Of((name, value)).Mistakes);
        Assert.Contains(told, mistake, StringComparison.Ordinal);
        Assert.DoesNotContain("tiny", mistake, StringComparison.Ordinal);
    }
}
