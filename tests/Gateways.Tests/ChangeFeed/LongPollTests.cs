using System.Net;
using System.Text.Json.Nodes;
using ImagingIngestion.Gateways.Tests.Stow;
using ImagingIngestion.Grains.Events;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.TestData;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways.Tests.ChangeFeed;

public sealed class LongPollTests
{
    [Fact]
    public async Task A_reader_that_waits_hears_of_an_event_when_it_comes()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        Task<JsonObject> waiting = server.Client.ReadFeedAsync("?wait=60s");
        Assert.False(waiting.IsCompleted);

        await server.PostAsync("/dicom-web/studies", new TestInstance("awaited").ToPart10());

        Assert.NotEmpty((await waiting.WaitAsync(TimeSpan.FromSeconds(30))).Events());
    }

    [Fact]
    public async Task A_reader_of_revisions_waits_past_other_events_until_the_study_settles()
    {
        await using GatewayServer server = await GatewayServer.StartAsync(Quickly);
        Task<JsonObject> waiting = server.Client.ReadFeedAsync("?types=StudyRevisionEvent&wait=60s");
        TestInstance instance = new("settles");

        await server.PostAsync("/dicom-web/studies", instance.ToPart10());
        JsonObject revision = Assert.Single((await waiting.WaitAsync(TimeSpan.FromSeconds(30))).Events());

        Assert.Equal(3, revision.Number("sequence"));
        JsonObject data = revision["data"]!.AsObject();
        Assert.Equal(0, data.Number("revision"));
        Assert.Equal(
            $"{instance.SeriesUid}/{instance.SopUid}", Assert.Single(data["changeSet"]!["additions"]!.AsArray())!.GetValue<string>());
        JsonObject series = data["study"]!["series"]![0]!.AsObject();
        Assert.Equal(
            $"{server.Client.BaseAddress}wado-rs/studies/{instance.StudyUid}/series/{instance.SeriesUid}", series.Text("endpoint"));
    }

    [Fact]
    public async Task A_wait_that_is_over_answers_an_empty_page_whose_cursor_has_moved_on()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        await server.PostAsync("/dicom-web/studies", new TestInstance("passed over").ToPart10());

        JsonObject page = await server.Client.ReadFeedAsync("?types=StudyRevisionEvent&wait=0.2s");

        Assert.Equal((0, 2L), (page.Events().Length, page.Number("next")));
    }

    [Fact]
    public async Task No_more_readers_wait_than_may()
    {
        await using GatewayServer server =
            await GatewayServer.StartAsync(services => services.Configure<EventOptions>(events => events.MaxFeedWaiters = 1));
        HttpStatusCode[] answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StatusAsync(server, "?wait=2s")));

        Assert.Contains(HttpStatusCode.OK, answers);
        Assert.Contains(HttpStatusCode.ServiceUnavailable, answers);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "?wait=0.1s"));
    }

    [Fact]
    public async Task A_reader_that_leaves_makes_room_for_another()
    {
        await using GatewayServer server =
            await GatewayServer.StartAsync(services => services.Configure<EventOptions>(events => events.MaxFeedWaiters = 1));
        using CancellationTokenSource leave = new(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => server.Client.GetAsync("/changefeed?wait=60s", leave.Token));

        HttpStatusCode answer = HttpStatusCode.ServiceUnavailable;
        for (int attempt = 0; attempt < 50 && answer != HttpStatusCode.OK; attempt++)
        {
            answer = await StatusAsync(server, "?wait=0.1s");
        }

        Assert.Equal(HttpStatusCode.OK, answer);
    }

    [Fact]
    public async Task A_server_that_stops_answers_those_who_wait()
    {
        await using GatewayServer server =
            await GatewayServer.StartAsync(services => services.Configure<EventOptions>(events => events.MaxFeedWaiters = 1));
        Task<HttpStatusCode> waiting = StatusAsync(server, "?wait=60s");

        // Another reader that is refused shows that the first one waits; it may have been refused itself meanwhile.
        while (await StatusAsync(server, "?wait=0.01s") == HttpStatusCode.OK)
        {
            waiting = waiting.IsCompleted ? StatusAsync(server, "?wait=60s") : waiting;
        }

        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(HttpStatusCode.OK, await waiting.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    private static void Quickly(IServiceCollection services)
        => services.Configure<GrainOptions>(grains => grains.RevisioningDelay = TimeSpan.FromMilliseconds(200));

    private static async Task<HttpStatusCode> StatusAsync(GatewayServer server, string query)
    {
        using HttpResponseMessage response = await server.Client.GetAsync("/changefeed" + query);
        Assert.Equal(response.StatusCode == HttpStatusCode.ServiceUnavailable, response.Headers.RetryAfter is not null);
        return response.StatusCode;
    }
}
