using ImagingIngestion.Silo.Cluster;

namespace ImagingIngestion.Silo.Tests.Cluster;

public sealed class ReplayGuardTests
{
    [Fact]
    public void A_call_is_remembered_until_nobody_would_take_it_any_more()
    {
        ReplayGuard guard = new();

        Assert.True(guard.TryAdd("a", deadline: 100, now: 0));
        Assert.False(guard.TryAdd("a", deadline: 100, now: 100));
        Assert.True(guard.TryAdd("b", deadline: 300, now: 101));
        Assert.True(guard.TryAdd("a", deadline: 300, now: 101));
    }
}
