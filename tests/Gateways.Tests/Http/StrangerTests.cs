using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Tests.Stow;
using ImagingIngestion.Grains.Events;
using ImagingIngestion.TestData;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Tests.Http;

/// <summary>
/// Pages of other origins, foreign Host names and forged forwarding headers reach nothing on a server, unless a setting allows them.
/// </summary>
public sealed class StrangerTests : IAsyncLifetime
{
    private const string Viewer = "https://viewer.example.org";
    private const string Storer = "https://annotate.example.org:8443";

    private GatewayServer _server = null!;

    /// <summary>Paths of every kind of service that the process has.</summary>
    public static TheoryData<string> Reads => [
        "/dicom-web/studies",
        "/wado-rs/studies",
        "/changefeed",
        "/changefeed/latest",
        "/bindings",
        "/bindings/none/dead-letters",
        "/nowhere"
    ];

    public static TheoryData<string, string> Changes => new()
    {
        { "POST", "/dicom-web/studies" },
        { "POST", "/stow-rs/studies/1.2.3" },
        { "DELETE", "/dicom-web/studies/1.2.3" },
        { "DELETE", "/wado-rs/studies/1.2.3/series/1.2.4" },
        { "POST", "/bindings/none/pause" },
        { "POST", "/bindings/none/dead-letters/replay" },
        { "DELETE", "/bindings/none/dead-letters" },
        { "DELETE", "/bindings/none" },
        { "PUT", "/dicom-web/studies" },
        { "PATCH", "/nowhere" },
    };

    public async Task InitializeAsync() => _server = await StartAsync(new HttpOptions());

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task By_default_no_other_origin_may_read(string path)
    {
        using HttpResponseMessage answer = await SendAsync(_server, HttpMethod.Get, path, ("Origin", Viewer));
        using HttpResponseMessage preflight = await PreflightAsync(_server, path, Viewer, "GET");

        Assert.Null(AllowedOrigin(answer));
        Assert.Null(AllowedOrigin(preflight));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Resource-Policy")));
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_change_from_another_origin_is_refused_even_where_the_origin_may_read(string method, string path)
    {
        await using GatewayServer readable =
            await StartAsync(new HttpOptions { AllowedOrigins = ["*", Viewer], StoringOrigins = [Storer] });
        foreach (GatewayServer server in new[] { _server, readable })
        {
            await ShouldBeRefusedAsync(server, method, path, ("Origin", Viewer));
            await ShouldBeRefusedAsync(server, method, path, ("Origin", "null"));
            await ShouldBeRefusedAsync(server, method, path, ("Origin", "http://127.0.0.1:1"));
            await ShouldBeRefusedAsync(server, method, path, ("Origin", Own(server).Replace("http:", "https:", StringComparison.Ordinal)));
            await ShouldBeRefusedAsync(server, method, path, ("Sec-Fetch-Site", "cross-site"));
            await ShouldBeRefusedAsync(server, method, path, ("Sec-Fetch-Site", "same-site"), ("Origin", "http://127.0.0.1:1"));
            await ShouldBeRefusedAsync(
                server, method, path, ("Origin", Viewer), ("X-Forwarded-Host", "viewer.example.org"), ("X-Forwarded-Proto", "https"));
        }
    }

    [Theory]
    [InlineData("Origin", "{own}")]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    [InlineData("Sec-Fetch-Site", "none")]
    [InlineData("User-Agent", "no browser")]
    public async Task Programs_and_pages_of_the_server_itself_may_change(string header, string value)
    {
        using HttpResponseMessage answer = await SendAsync(
            _server,
            HttpMethod.Delete,
            "/dicom-web/studies/1.2.3",
            (header, value.Replace("{own}", Own(_server), StringComparison.Ordinal)));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_page_below_the_configured_base_URL_may_change()
    {
        await using GatewayServer server = await StartAsync(new HttpOptions(), "https://pacs.example.org/imaging");

        using HttpResponseMessage answer = await SendAsync(
            server, HttpMethod.Delete, "/dicom-web/studies/1.2.3", ("Origin", "https://pacs.example.org"), ("Host", "pacs.example.org"));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task An_allowed_origin_reads_and_sees_the_headers_that_clients_need(string path)
    {
        await using GatewayServer server = await StartAsync(new HttpOptions { AllowedOrigins = [Viewer] });

        using HttpResponseMessage preflight = await PreflightAsync(server, path, Viewer, "GET", "authorization,x-custom");
        using HttpResponseMessage answer = await SendAsync(server, HttpMethod.Get, path, ("Origin", Viewer));
        using HttpResponseMessage other = await SendAsync(server, HttpMethod.Get, path, ("Origin", "https://viewer.example.org:444"));

        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal(Viewer, AllowedOrigin(preflight));
        Assert.Equal("authorization,x-custom", string.Join(',', preflight.Headers.GetValues("Access-Control-Allow-Headers")));
        Assert.Equal(Viewer, AllowedOrigin(answer));
        Assert.Contains("Origin", answer.Headers.Vary);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
        Assert.Contains(
            "Content-Range", string.Join(',', answer.Headers.GetValues("Access-Control-Expose-Headers")), StringComparison.Ordinal);
        Assert.Null(AllowedOrigin(other));
    }

    [Fact]
    public async Task Any_origin_may_read_only_where_the_setting_says_so()
    {
        await using GatewayServer server = await StartAsync(new HttpOptions { AllowedOrigins = ["*"] });

        using HttpResponseMessage answer = await SendAsync(server, HttpMethod.Get, "/dicom-web/studies", ("Origin", Viewer));
        using HttpResponseMessage stores = await PreflightAsync(server, "/dicom-web/studies", Viewer, "POST", "content-type");
        using HttpResponseMessage deletes = await PreflightAsync(server, "/dicom-web/studies/1.2.3", Viewer, "DELETE");

        Assert.Equal("*", AllowedOrigin(answer));
        Assert.Null(AllowedOrigin(stores));
        Assert.Null(AllowedOrigin(deletes));
    }

    [Fact]
    public async Task A_storing_origin_stores_and_reads_and_does_nothing_else()
    {
        await using GatewayServer server = await StartAsync(new HttpOptions { StoringOrigins = [Storer] });
        TestInstance instance = new("stored by a page") { PixelData = new byte[16] };

        using HttpResponseMessage preflight = await PreflightAsync(server, "/dicom-web/studies", Storer, "POST", "content-type");
        using HttpRequestMessage store = new(HttpMethod.Post, "/dicom-web/studies") { Content = new ByteArrayContent(instance.ToPart10()) };
        store.Content.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
        store.Headers.Add("Origin", Storer);
        store.Headers.Add("Sec-Fetch-Site", "cross-site");
        using HttpResponseMessage stored = await server.Client.SendAsync(store);
        using HttpResponseMessage found = await SendAsync(server, HttpMethod.Get, "/dicom-web/studies", ("Origin", Storer));
        using HttpResponseMessage deletes = await PreflightAsync(server, "/dicom-web/studies/1.2.3", Storer, "DELETE");

        Assert.Equal(Storer, AllowedOrigin(preflight));
        Assert.Equal((HttpStatusCode.OK, Storer), (stored.StatusCode, AllowedOrigin(stored)));
        Assert.Equal((HttpStatusCode.OK, Storer), (found.StatusCode, AllowedOrigin(found)));
        Assert.Null(AllowedOrigin(deletes));
        await ShouldBeRefusedAsync(server, "DELETE", "/dicom-web/studies/1.2.3", ("Origin", Storer));
        await ShouldBeRefusedAsync(server, "POST", "/bindings/none/pause", ("Origin", Storer));
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:8080")]
    [InlineData("localhost.evil.example")]
    [InlineData("203.0.113.9")]
    [InlineData("[2001:db8::9]")]
    public async Task A_foreign_Host_is_refused_whatever_it_asks(string host)
    {
        foreach ((HttpMethod method, string path) in new[]
        {
            (HttpMethod.Get, "/dicom-web/studies"),
            (HttpMethod.Delete, "/dicom-web/studies/1.2.3"),
            (HttpMethod.Get, "/changefeed"),
            (HttpMethod.Get, "/bindings")
        })
        {
            using HttpResponseMessage answer =
                await SendAsync(_server, method, path, ("Host", host), ("Origin", "http://" + host), ("Sec-Fetch-Site", "same-origin"));

            string detail = await ShouldBeProblemAsync(answer, HttpStatusCode.BadRequest);
            Assert.Contains("IMAGING__HTTP__ALLOWEDHOSTS", detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Forwarding_headers_make_no_foreign_Host_an_own_one()
    {
        await using GatewayServer server = await StartAsync(new HttpOptions { KnownProxies = ["127.0.0.1"] });

        using HttpResponseMessage answer = await SendAsync(
            server,
            HttpMethod.Get,
            "/dicom-web/studies",
            ("Host", "evil.example"),
            ("X-Forwarded-Host", "localhost"),
            ("Forwarded", "host=localhost"));

        await ShouldBeProblemAsync(answer, HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:8080")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]:8080")]
    [InlineData("core-wado.imaging.svc")]
    [InlineData("pacs.example.org")]
    [InlineData("outside.example.org")]
    [InlineData("a.imaging.example.org:444")]
    public async Task Loopback_names_and_the_configured_ones_are_answered(string host)
    {
        await using GatewayServer server = await StartAsync(
            new HttpOptions { AllowedHosts = ["outside.example.org", "*.imaging.example.org"] },
            "https://pacs.example.org",
            "http://core-wado.imaging.svc/wado-rs");

        using HttpResponseMessage answer = await SendAsync(server, HttpMethod.Get, "/changefeed/latest", ("Host", host));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Any_Host_is_answered_only_where_the_setting_says_so()
    {
        await using GatewayServer server = await StartAsync(new HttpOptions { AllowedHosts = ["*"] });

        using HttpResponseMessage answer = await SendAsync(server, HttpMethod.Get, "/changefeed/latest", ("Host", "evil.example"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Forwarding_headers_of_an_unknown_sender_shape_no_URL()
    {
        using HttpResponseMessage answer = await StoreAsync(
            _server,
            ("X-Forwarded-Host", "evil.example"),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Prefix", "/x"),
            ("Forwarded", "host=evil.example;proto=https"));

        Assert.StartsWith(Own(_server) + "/dicom-web/studies/", await RetrieveUrlAsync(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Forwarded-Proto: https", "https://internal.example:8080")]
    [InlineData("X-Forwarded-Proto: https, http|X-Forwarded-Host: pacs.example.org, inner", "https://pacs.example.org")]
    [InlineData(
        "X-Forwarded-Proto: https|X-Forwarded-Host: pacs.example.org|X-Forwarded-Prefix: /imaging", "https://pacs.example.org/imaging")]
    [InlineData("X-Forwarded-For: 192.0.2.60, 10.0.0.1|X-Forwarded-Host: pacs.example.org:8443, inner", "http://pacs.example.org:8443")]
    [InlineData("X-Forwarded-For: 192.0.2.60, 192.0.2.61|X-Forwarded-Host: forged.example, pacs.example.org", "http://pacs.example.org")]
    [InlineData(
        "Forwarded: for=192.0.2.60;proto=https;host=\"pacs.example.org:444\", for=10.0.0.1;proto=http;host=inner",
        "https://pacs.example.org:444")]
    [InlineData("Forwarded: for=192.0.2.60;host=forged.example, for=192.0.2.61;Host=pacs.example.org", "http://pacs.example.org")]
    [InlineData("Forwarded: for=\"[2001:db8::1]:4711\";proto=https", "https://internal.example:8080")]
    [InlineData("Forwarded: host=evil<script>;proto=javascript", "http://internal.example:8080")]
    [InlineData("X-Forwarded-Host: evil<script>|X-Forwarded-Proto: javascript", "http://internal.example:8080")]
    public async Task Forwarding_headers_of_known_proxies_shape_the_URLs_of_the_answer(string headers, string expected)
    {
        await using GatewayServer server =
            await StartAsync(new HttpOptions { AllowedHosts = ["internal.example"], KnownProxies = ["127.0.0.1", "10.0.0.0/8"] });
        (string, string)[] sent = [.. headers.Split('|').Select(header => header.Split(": ", 2)).Select(pair => (pair[0], pair[1]))];

        using HttpResponseMessage answer = await StoreAsync(server, [("Host", "internal.example:8080"), .. sent]);

        Assert.StartsWith(expected + "/dicom-web/studies/", await RetrieveUrlAsync(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/healthz/live")]
    [InlineData("/healthz/ready")]
    public async Task Health_is_told_under_any_Host(string path)
    {
        using HttpResponseMessage answer = await SendAsync(_server, HttpMethod.Get, path, ("Host", "10.244.1.7:8080"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static Task<GatewayServer> StartAsync(HttpOptions http, string? baseUrl = null, string? inside = null)
        => GatewayServer.StartAsync(services => services
            .AddSingleton(Options.Create(http))
            .Configure<ServerOptions>(server => server.BaseUrl = baseUrl)
            .Configure<EventOptions>(events => events.WadoInternalEndpoint = inside));

    private static string Own(GatewayServer server) => server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

    private static Task<HttpResponseMessage> PreflightAsync(
        GatewayServer server, string path, string origin, string method, string? headers = null)
        => SendAsync(server, HttpMethod.Options, path, [
            ("Origin", origin),
            ("Access-Control-Request-Method", method),
            .. headers is null ? [] : new[] { ("Access-Control-Request-Headers", headers) }
        ]);

    private static async Task<HttpResponseMessage> StoreAsync(GatewayServer server, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/dicom-web/studies")
        {
            Content = new ByteArrayContent(new TestInstance("stranger") { PixelData = new byte[16] }.ToPart10())
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
        foreach ((string name, string value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        HttpResponseMessage answer = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer;
    }

    private static async Task<string> RetrieveUrlAsync(HttpResponseMessage answer)
    {
        using JsonDocument module = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        return module.RootElement.GetProperty("00081190").GetProperty("Value")[0].GetString()!;
    }

    private static async Task<HttpResponseMessage> SendAsync(
        GatewayServer server, HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(method, path);
        foreach ((string name, string value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        return await server.Client.SendAsync(request);
    }

    private static async Task ShouldBeRefusedAsync(
        GatewayServer server, string method, string path, params (string Name, string Value)[] headers)
    {
        using HttpResponseMessage answer = await SendAsync(server, new HttpMethod(method), path, headers);
        await ShouldBeProblemAsync(answer, HttpStatusCode.Forbidden);
    }

    private static async Task<string> ShouldBeProblemAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        Assert.Equal((status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        using JsonDocument problem = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        return problem.RootElement.GetProperty("detail").GetString()!;
    }

    private static string? AllowedOrigin(HttpResponseMessage answer)
        => answer.Headers.TryGetValues("Access-Control-Allow-Origin", out IEnumerable<string>? values) ? Assert.Single(values) : null;
}
