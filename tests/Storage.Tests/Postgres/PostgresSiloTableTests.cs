using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.Tests.Postgres;

public sealed class PostgresSiloTableTests : IAsyncLifetime
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(10);
    private static readonly SiloEntry First = new("a-1", "http://10.0.0.1:7000/");
    private static readonly SiloEntry Second = new("b-2", "https://silo.example.org:7001/");

    private PostgresBackend? _backend;

    private PostgresBackend Backend => _backend!;

    private ISiloTable Silos => Backend.Store.Silos;

    public async Task InitializeAsync() => _backend = await PostgresBackend.CreateAsync();

    public async Task DisposeAsync() => await Backend.DisposeAsync();

    [Fact]
    public async Task Silos_that_beat_are_listed_until_they_leave()
    {
        await Silos.HeartbeatAsync(Second, CancellationToken.None);
        await Silos.HeartbeatAsync(First, CancellationToken.None);
        await Silos.HeartbeatAsync(First, CancellationToken.None);
        Assert.Equal([First, Second], await Silos.ListLiveAsync(MaxAge, CancellationToken.None));

        await Silos.LeaveAsync(First.Id, CancellationToken.None);
        await Silos.LeaveAsync("nobody", CancellationToken.None);

        Assert.Equal([Second], await Silos.ListLiveAsync(MaxAge, CancellationToken.None));
    }

    [Fact]
    public async Task A_silo_that_was_not_heard_of_for_too_long_is_not_listed_and_forgotten_a_day_later()
    {
        await Silos.HeartbeatAsync(First, CancellationToken.None);
        Backend.ForKit().Time.Advance(MaxAge + TimeSpan.FromSeconds(1));
        Assert.Empty(await Silos.ListLiveAsync(MaxAge, CancellationToken.None));
        Assert.Equal([First], await Silos.ListLiveAsync(TimeSpan.FromHours(1), CancellationToken.None));

        Backend.ForKit().Time.Advance(TimeSpan.FromDays(2));
        await Silos.HeartbeatAsync(Second, CancellationToken.None);

        Assert.Equal([Second], await Silos.ListLiveAsync(TimeSpan.FromDays(30), CancellationToken.None));
    }
}
