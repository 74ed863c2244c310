using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Tests.Stow;
using ImagingIngestion.Grains.Events;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Settings;
using ImagingIngestion.TestData;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Tests.ChangeFeed;

public sealed class ChangeFeedTests
{
    private const int EventsOfAnInstance = 2;

    [Fact]
    public async Task Events_come_in_order_with_addresses_that_work()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        TestInstance instance = new("feed");
        await server.PostAsync("/dicom-web/studies", instance.ToPart10());

        JsonObject page = await server.Client.ReadFeedAsync("");

        JsonObject[] events = page.Events();
        Assert.Equal(["ImageStoredEvent", "DicomAvailableEvent"], events.Select(row => row.Text("type")));
        Assert.Equal([1L, 2L], events.Select(row => row.Number("sequence")));
        Assert.Equal((2L, 2L), (page.Number("next"), page.Number("latest")));
        Assert.All(events, row => Assert.Equal(("ImagingIngestion", "default"), (row.Text("source"), row.Text("provider"))));
        Assert.All(events, row => Assert.InRange(
            DateTimeOffset.Parse(row.Text("time"), CultureInfo.InvariantCulture),
            TimeProvider.System.GetUtcNow().AddMinutes(-5),
            TimeProvider.System.GetUtcNow()));
        string logId = server.Services.GetRequiredService<IEventLog>().LogId;
        Assert.Equal([logId + "-1", logId + "-2"], events.Select(row => row.Text("id")));

        JsonObject store = events[0]["data"]!["store"]!.AsObject();
        string root = server.Client.BaseAddress!.ToString().TrimEnd('/') + "/wado-rs";
        Assert.Equal(
            ("objects", root, root), (store.Text("bucketName"), store.Text("wadoInternalEndpoint"), store.Text("wadoExternalEndpoint")));
        Assert.True(File.Exists(Path.Combine(server.ObjectsFolder, store.Text("objectName"))));
        using HttpResponseMessage retrieved = await server.Client.GetAsync(events[1]["data"]!.AsObject().Text("endpoint"));
        Assert.Equal(HttpStatusCode.OK, retrieved.StatusCode);
    }

    [Fact]
    public async Task A_walk_with_a_cursor_sees_every_event_once_and_the_same_each_time()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        await StoreAsync(server, "walk", 35);
        List<string> seen = [];
        for (long after = 0; after < 35 * EventsOfAnInstance;)
        {
            JsonObject page = await server.Client.ReadFeedAsync($"?after={after}&limit=13");
            Assert.InRange(page.Events().Length, 1, 13);
            seen.AddRange(page.Events().Select(row => row.ToJsonString()));
            after = page.Number("next");
        }

        Assert.Equal(35 * EventsOfAnInstance, seen.Count);
        Assert.Equal(seen, (await server.Client.ReadFeedAsync("?limit=1000")).Events().Select(row => row.ToJsonString()));
        Assert.Equal(seen.Take(60), (await server.Client.ReadFeedAsync("?limit=60")).Events().Select(row => row.ToJsonString()));
    }

    [Fact]
    public async Task Types_and_provider_pick_events_and_the_cursor_passes_over_the_others()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        await StoreAsync(server, "pick", 3);

        JsonObject available = await server.Client.ReadFeedAsync("?types=dicomavailableevent,StudyRevisionEvent");
        Assert.Equal([2L, 4L, 6L], available.Events().Select(row => row.Number("sequence")));

        JsonObject none = await server.Client.ReadFeedAsync("?provider=other");
        Assert.Equal((0, 6L), (none.Events().Length, none.Number("next")));
        Assert.Equal(6, (await server.Client.ReadFeedAsync("?provider=default")).Events().Length);
    }

    [Fact]
    public async Task The_bounds_are_told()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        Assert.Equal("""{"oldest":1,"latest":0}""", await server.Client.GetStringAsync("/changefeed/latest"));

        await StoreAsync(server, "bounds", 1);

        Assert.Equal("""{"oldest":1,"latest":2}""", await server.Client.GetStringAsync("/changefeed/latest"));
    }

    [Fact]
    public async Task A_page_ends_when_it_is_large_and_the_next_goes_on()
    {
        const int Instances = 90;
        await using GatewayServer server = await GatewayServer.StartAsync();
        string text = new('x', 30_000);
        byte[][] files = [.. Enumerable.Range(0, Instances).Select(number => new TestInstance("large " + number)
        {
            StudyUid = "1.2.3",
            Change = builder => builder.Text(0x0010_2000, "LO", text).Text(0x0010_21B0, "LT", text).Text(0x0010_4000, "LT", text).Text(
                0x0020_4000, "LT", text),
        }.ToPart10())];
        await server.PostAsync("/dicom-web/studies", files);

        JsonObject first = await server.Client.ReadFeedAsync("?limit=1000");
        Assert.InRange(first.Events().Length, Instances / 2, (Instances * EventsOfAnInstance) - 1);
        Assert.Equal(first.Events()[^1].Number("sequence"), first.Number("next"));
        JsonObject second = await server.Client.ReadFeedAsync($"?limit=1000&after={first.Number("next")}");
        Assert.Equal(Instances * EventsOfAnInstance, first.Events().Length + second.Events().Length);
    }

    [Theory]
    [InlineData("?after=-1", "after")]
    [InlineData("?after=1.5", "after")]
    [InlineData("?after=99999999999999999999", "after")]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=1001", "limit")]
    [InlineData("?types=", "types")]
    [InlineData("?types=ImageStoredEvent,Image", "types")]
    [InlineData("?provider=../x", "provider")]
    [InlineData("?wait=61s", "wait")]
    [InlineData("?wait=soon", "wait")]
    [InlineData("?wait=-1", "wait")]
    [InlineData("?limit=5&limit=6", "limit")]
    [InlineData("?since=5", "after, limit, types, provider, wait")]
    [InlineData("?types=%FF", "percent")]
    public async Task A_bad_parameter_is_named(string query, string named)
    {
        await using GatewayServer server = await GatewayServer.StartAsync();

        using HttpResponseMessage response = await server.Client.GetAsync("/changefeed" + query);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains(
            named, JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cursor_older_than_the_log_is_gone_and_the_oldest_number_told()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        await StoreAsync(server, "old", 2);
        IEventLog log = server.Services.GetRequiredService<IEventLog>();
        Assert.Equal(
            2 * EventsOfAnInstance, await log.RemoveOlderAsync(TimeProvider.System.GetUtcNow().AddDays(1), CancellationToken.None));
        await StoreAsync(server, "new", 1);

        Assert.Equal(5, await OldestOfGoneAsync(server, "?after=3"));
        Assert.Equal(5, await OldestOfGoneAsync(server, "?after=0&wait=30s"));
        Assert.Equal([5L, 6L], (await server.Client.ReadFeedAsync("?after=4")).Events().Select(row => row.Number("sequence")));
    }

    [Fact]
    public async Task A_cursor_that_the_log_never_gave_is_gone()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        await StoreAsync(server, "restored", 1);

        Assert.Equal(1, await OldestOfGoneAsync(server, "?after=3"));
        Assert.Empty((await server.Client.ReadFeedAsync("?after=2")).Events());
    }

    [Fact]
    public async Task Configured_addresses_and_names_are_told()
    {
        await using GatewayServer server = await GatewayServer.StartAsync(services => services
            .Configure<ServerOptions>(options => options.BaseUrl = "https://pacs.example.org")
            .AddSingleton(Options.Create(
                new EventOptions { Source = "urn:site:1", BucketName = "images", WadoInternalEndpoint = "http://inside/wado-rs" })));
        await StoreAsync(server, "named", 1);

        JsonObject stored = (await server.Client.ReadFeedAsync("?limit=1")).Events().Single();

        Assert.Equal("urn:site:1", stored.Text("source"));
        JsonObject store = stored["data"]!["store"]!.AsObject();
        Assert.Equal(
            ("images", "http://inside/wado-rs", "https://pacs.example.org/wado-rs"),
            (store.Text("bucketName"), store.Text("wadoInternalEndpoint"), store.Text("wadoExternalEndpoint")));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("other=http://other/wado-rs", "http://other/wado-rs")]
    public async Task Another_storage_space_is_never_reached_at_the_addresses_of_this_one(string endpoints, string root)
    {
        ConfigurationBuilder given = new();
        given.AddInMemoryCollection([KeyValuePair.Create("WADO_ENDPOINTS", (string?)endpoints)]);
        await using GatewayServer server = await GatewayServer.StartAsync(
            services => ProcessSettings.Read(given.Build(), EventOptions.Section).AddTo(services));
        IStorageSpaces spaces = server.Services.GetRequiredService<IStorageSpaces>();

        Assert.Equal(new StorageSpace("", root, root), spaces.Find(new ProviderName("other")));
        Assert.Equal($"{server.Client.BaseAddress}wado-rs", spaces.Find(new ProviderName("default")).WadoInternalEndpoint);
    }

    private static async Task<long> OldestOfGoneAsync(GatewayServer server, string query)
    {
        using HttpResponseMessage response = await server.Client.GetAsync("/changefeed" + query);
        Assert.Equal(HttpStatusCode.Gone, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject().Number("oldest");
    }

    private static async Task StoreAsync(GatewayServer server, string name, int count)
        => await server.PostAsync(
            "/dicom-web/studies", [.. Enumerable.Range(0, count).Select(number => new TestInstance($"{name} {number}").ToPart10())]);
}
