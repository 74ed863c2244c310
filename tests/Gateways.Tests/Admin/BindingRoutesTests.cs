using System.Net;
using System.Text.Json;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Gateways.Admin;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Hosting;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Tests.Admin;

public sealed class BindingRoutesTests : IAsyncLifetime
{
    private BindingServer _server = null!;

    public async Task InitializeAsync() => _server = await BindingServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Bindings_are_listed_with_what_waits_and_what_was_given_up()
    {
        Assert.Equal(0, (await GetAsync("/bindings")).GetProperty("bindings").GetArrayLength());
        await _server.AddBindingAsync("archive", 0);
        await _server.AddBindingAsync("old", 2);

        JsonElement[] bindings = [.. (await GetAsync("/bindings")).GetProperty("bindings").EnumerateArray()];

        Assert.Equal(["archive", "old"], bindings.Select(binding => binding.GetProperty("name").GetString()));
        Assert.Equal([true, false], bindings.Select(binding => binding.GetProperty("isDeclared").GetBoolean()));
        Assert.Equal([0L, 2L], bindings.Select(binding => binding.GetProperty("deadLetters").GetInt64()));
        Assert.Equal(2, (await GetAsync("/bindings/old")).GetProperty("cursor").GetInt64());
    }

    [Fact]
    public async Task A_binding_is_paused_and_resumed()
    {
        await _server.AddBindingAsync("archive", 0);

        Assert.True((await SendAsync(HttpMethod.Post, "/bindings/archive/pause")).GetProperty("isPaused").GetBoolean());
        Assert.True((await GetAsync("/bindings/archive")).GetProperty("isPaused").GetBoolean());
        Assert.True((await _server.Queue.ClaimAsync("archive", "test", TimeSpan.FromSeconds(1), 1, CancellationToken.None)).IsPaused);
        Assert.False((await SendAsync(HttpMethod.Post, "/bindings/archive/resume")).GetProperty("isPaused").GetBoolean());
    }

    [Fact]
    public async Task Only_a_binding_that_is_not_declared_is_removed()
    {
        await _server.AddBindingAsync("archive", 0);
        await _server.AddBindingAsync("old", 3);

        Assert.Contains(
            "Take its settings away",
            await ProblemAsync(HttpMethod.Delete, "/bindings/archive", HttpStatusCode.Conflict),
            StringComparison.Ordinal);
        using HttpResponseMessage removed = await _server.Client.DeleteAsync("/bindings/old");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        await ProblemAsync(HttpMethod.Delete, "/bindings/old", HttpStatusCode.NotFound);
        Assert.Equal(
            "archive",
            Assert.Single((await GetAsync("/bindings")).GetProperty("bindings").EnumerateArray()).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Dead_letters_are_read_page_by_page()
    {
        long[] ids = await _server.AddBindingAsync("old", 5);

        List<long> read = [];
        long after = 0;
        for (int pages = 0; pages < 3; pages++)
        {
            JsonElement page = await GetAsync($"/bindings/old/dead-letters?after={after}&limit=2");
            read.AddRange(page.GetProperty("deadLetters").EnumerateArray().Select(letter => letter.GetProperty("id").GetInt64()));
            Assert.Equal(pages < 2, page.TryGetProperty("next", out JsonElement next));
            after = pages < 2 ? next.GetInt64() : after;
        }

        Assert.Equal(ids, read);
    }

    [Fact]
    public async Task A_dead_letter_says_what_was_not_delivered_and_why()
    {
        long id = (await _server.AddBindingAsync("old", 1))[0];

        JsonElement letter = await GetAsync($"/bindings/old/dead-letters/{id}");

        Assert.Equal("The target refused it with 400.", letter.GetProperty("error").GetString());
        Assert.Equal("DicomAvailableEvent", letter.GetProperty("type").GetString());
        Assert.Equal("modification", letter.GetProperty("change").GetString());
        Assert.Equal("1.2.826.0.1.66.1", letter.GetProperty("studyInstanceUID").GetString());
        Assert.StartsWith("1.2.826.0.1.66.", letter.GetProperty("sopInstanceUID").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.String, letter.GetProperty("deadSince").ValueKind);
    }

    [Fact]
    public async Task Dead_letters_are_replayed_and_dropped_one_by_one_or_all()
    {
        long[] ids = await _server.AddBindingAsync("old", 6);

        Assert.Equal(
            1, (await SendAsync(HttpMethod.Post, $"/bindings/old/dead-letters/{ids[0]}/replay")).GetProperty("replayed").GetInt32());
        Assert.Equal(1, (await SendAsync(HttpMethod.Delete, $"/bindings/old/dead-letters/{ids[1]}")).GetProperty("dropped").GetInt32());
        await ProblemAsync(HttpMethod.Delete, $"/bindings/old/dead-letters/{ids[1]}", HttpStatusCode.NotFound);
        Assert.Equal(4, (await SendAsync(HttpMethod.Post, "/bindings/old/dead-letters/replay")).GetProperty("replayed").GetInt32());
        Assert.Equal(0, (await SendAsync(HttpMethod.Delete, "/bindings/old/dead-letters")).GetProperty("dropped").GetInt32());

        Assert.Equal(5, (await GetAsync("/bindings/old")).GetProperty("waiting").GetInt64());
        Assert.Equal(
            5, (await _server.Queue.ClaimAsync("old", "test", TimeSpan.FromSeconds(1), 10, CancellationToken.None)).Deliveries.Count);
    }

    [Theory]
    [InlineData("GET", "/bindings/none")]
    [InlineData("POST", "/bindings/none/pause")]
    [InlineData("POST", "/bindings/none/resume")]
    [InlineData("DELETE", "/bindings/none")]
    [InlineData("GET", "/bindings/none/dead-letters")]
    [InlineData("GET", "/bindings/none/dead-letters/1")]
    [InlineData("GET", "/bindings/none/dead-letters/x")]
    [InlineData("POST", "/bindings/none/dead-letters/replay")]
    [InlineData("POST", "/bindings/none/dead-letters/1/replay")]
    [InlineData("POST", "/bindings/none/dead-letters/-1/replay")]
    [InlineData("DELETE", "/bindings/none/dead-letters")]
    [InlineData("DELETE", "/bindings/none/dead-letters/x")]
    public async Task What_is_not_there_is_a_problem(string method, string path)
        => await ProblemAsync(new HttpMethod(method), path, HttpStatusCode.NotFound);

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=1001")]
    [InlineData("limit=x")]
    [InlineData("after=-1")]
    public async Task A_page_that_cannot_be_is_a_problem(string query)
        => Assert.Contains(
            "from 1 to 1000",
            await ProblemAsync(HttpMethod.Get, "/bindings/old/dead-letters?" + query, HttpStatusCode.BadRequest),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("https://elsewhere.example.org")]
    [InlineData("null")]
    public async Task A_page_of_another_site_may_neither_read_nor_change(string origin)
    {
        await _server.AddBindingAsync("archive", 1);

        using HttpResponseMessage read = await SendWithOriginAsync(HttpMethod.Get, "/bindings", origin);
        Assert.False(read.Headers.Contains("Access-Control-Allow-Origin"));
        foreach ((HttpMethod method, string path) in new[]
        {
            (HttpMethod.Post, "/bindings/archive/pause"),
            (HttpMethod.Delete, "/bindings/archive/dead-letters"),
            (HttpMethod.Delete, "/bindings/archive")
        })
        {
            using HttpResponseMessage changed = await SendWithOriginAsync(method, path, origin);
            Assert.Equal(HttpStatusCode.Forbidden, changed.StatusCode);
        }

        JsonElement binding = await GetAsync("/bindings/archive");
        Assert.False(binding.GetProperty("isPaused").GetBoolean());
        Assert.Equal(1, binding.GetProperty("deadLetters").GetInt64());
    }

    [Fact]
    public async Task A_page_of_this_server_may_change_them()
    {
        await _server.AddBindingAsync("archive", 0);

        using HttpResponseMessage changed = await SendWithOriginAsync(
            HttpMethod.Post, "/bindings/archive/pause", _server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));

        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    private async Task<HttpResponseMessage> SendWithOriginAsync(HttpMethod method, string path, string origin)
    {
        using HttpRequestMessage request = new(method, path);
        request.Headers.Add("Origin", origin);
        return await _server.Client.SendAsync(request);
    }

    private Task<JsonElement> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    private async Task<JsonElement> SendAsync(HttpMethod method, string path)
    {
        using HttpRequestMessage request = new(method, path);
        using HttpResponseMessage response = await _server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        using JsonDocument answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return answer.RootElement.Clone();
    }

    private async Task<string> ProblemAsync(HttpMethod method, string path, HttpStatusCode status)
    {
        using HttpRequestMessage request = new(method, path);
        using HttpResponseMessage response = await _server.Client.SendAsync(request);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        using JsonDocument answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return answer.RootElement.GetProperty("detail").GetString()!;
    }
}

/// <summary>The resources of bindings on a real Kestrel with the SQLite store, where the binding <c>archive</c> is declared.</summary>
internal sealed class BindingServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder;
    private int _uids;

    private BindingServer(WebApplication app, DirectoryInfo folder)
    {
        _app = app;
        _folder = folder;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    public IDeliveryQueue Queue => _app.Services.GetRequiredService<IDeliveryQueue>();

    public static async Task<BindingServer> StartAsync()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("binding-routes-");
        ProcessSettings settings = GivenSettings.Of(
            folder.FullName, ("Imaging:Bindings:archive:WEBHOOK_ENDPOINT", "http://localhost/"));
        RoleOptions roles = new() { Roles = ProcessRoles.Binding };
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.AddServer(settings);
        builder.Services.AddOptionsOf(settings).AddStores(settings, roles).AddGateways(roles);

        // The declared binding is known to the endpoints, and nothing delivers.
        builder.Services.Remove(builder.Services.Single(service => service.ImplementationType == typeof(BindingHost)));
        WebApplication app = builder.Build();
        app.MapGateways(roles);
        await app.StartAsync();
        return new BindingServer(app, folder);
    }

    /// <summary>Makes a binding with dead letters; returns their ids.</summary>
    public async Task<long[]> AddBindingAsync(string name, int deadLetters, string error = "The target refused it with 400.")
    {
        BindingDefinition definition = new() { Name = name, Kind = "stow", Types = [EventType.DicomAvailable] };
        await Queue.RegisterAsync(definition, CancellationToken.None);
        if (deadLetters == 0)
        {
            return [];
        }

        StudyKey study = new(new ProviderName("default"), new StudyInstanceUid(NewUid()));
        EventDraft[] events = [.. Enumerable.Range(0, deadLetters).Select(_ => new EventDraft
        {
            Type = EventType.DicomAvailable,
            Instance = new InstanceId(new SeriesInstanceUid(NewUid()), new SopInstanceUid(NewUid())),
            Change = ChangeKind.Modification,
            Object = new ObjectKey("test/object.dcm"),
        })];
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        StudyState after =
            new() { Key = study, Version = 0, Attributes = new DicomDataset(), Series = [], CreatedAt = now, UpdatedAt = now };
        await _app.Services.GetRequiredService<IManifestStore>().CommitAsync(
            [new StudyChange { After = after, Events = events }], CancellationToken.None);
        Assert.False((await Queue.FanOutAsync(definition, 1000, CancellationToken.None)).HasMore);
        DeliveryClaim claim = await Queue.ClaimAsync(name, "test", TimeSpan.FromMinutes(1), deadLetters, CancellationToken.None);
        Assert.Equal(deadLetters, claim.Deliveries.Count);
        await Queue.SettleAsync(
            [.. claim.Deliveries.Select(delivery => new DeliverySettlement(delivery, DeliveryOutcome.DeadLetter, default, error))],
            CancellationToken.None);
        return [.. claim.Deliveries.Select(delivery => delivery.Id).Order()];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private string NewUid() => $"1.2.826.0.1.66.{++_uids}";
}
