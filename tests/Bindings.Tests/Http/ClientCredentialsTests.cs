using System.Globalization;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Tests.Targets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace ImagingIngestion.Bindings.Tests.Http;

public sealed class ClientCredentialsTests : IDisposable
{
    private readonly TargetBench _bench = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private int _tokens;

    [Fact]
    public async Task A_token_is_asked_for_once_and_again_before_it_ends()
    {
        string form = "";
        await using ScriptedTarget identity = await ScriptedTarget.StartAsync(async context =>
        {
            form = await new StreamReader(context.Request.Body).ReadToEndAsync();
            await GrantAsync(context);
        });
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200));
        using HttpClient client = _bench.Client(Options(target, identity), _time);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TargetBench.CallAsync(client, target.Studies)));
        _time.Advance(TimeSpan.FromSeconds(539));
        await TargetBench.CallAsync(client, target.Studies);
        Assert.Single(identity.Requests);
        _time.Advance(TimeSpan.FromSeconds(2));
        await TargetBench.CallAsync(client, target.Studies);

        Assert.Equal("grant_type=client_credentials&scope=store+read", form);
        Assert.Equal(["POST /token Basic bWUlM0ElNDA6cyUyRnQ=", "POST /token Basic bWUlM0ElNDA6cyUyRnQ="], identity.Requests);
        Assert.Equal("GET /studies Bearer token-1", target.Requests[0]);
        Assert.Equal("GET /studies Bearer token-2", target.Requests[^1]);
    }

    [Fact]
    public async Task A_refused_token_is_asked_for_anew_once()
    {
        await using ScriptedTarget identity = await ScriptedTarget.StartAsync(GrantAsync);
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(context =>
            ScriptedTarget.Status(context.Request.Headers.Authorization == "Bearer token-1" ? 401 : 200)(context));
        using HttpClient client = _bench.Client(Options(target, identity), _time);

        Assert.Equal("200", await TargetBench.CallAsync(client, target.Studies));
        Assert.Equal(["GET /studies Bearer token-1", "GET /studies Bearer token-2"], target.Requests);
    }

    [Fact]
    public async Task A_target_that_refuses_every_token_costs_two_of_them()
    {
        await using ScriptedTarget identity = await ScriptedTarget.StartAsync(GrantAsync);
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(401));
        using HttpClient client = _bench.Client(Options(target, identity), _time);

        Assert.Equal("401", await TargetBench.CallAsync(client, target.Studies));
        Assert.Equal(2, identity.Requests.Count);
    }

    [Theory]
    [InlineData(401, """{"error":"invalid_client","error_description":"client s/t unknown"}""", "status 401 (invalid_client)")]
    [InlineData(500, "s/t", "status 500")]
    [InlineData(200, "{}", "status 200")]
    [InlineData(200, """{"access_token":"a b"}""", "status 200")]
    [InlineData(200, """{"access_token":"abc","token_type":"mac"}""", "status 200")]
    [InlineData(400, """{"error":"s/t"}""", "status 400")]
    public async Task An_error_of_the_token_endpoint_is_told_without_secrets(int status, string body, string expected)
    {
        await using ScriptedTarget identity = await ScriptedTarget.StartAsync(ScriptedTarget.Status(status, body));
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200));
        using HttpClient client = _bench.Client(Options(target, identity), _time);

        string error = await TargetBench.CallAsync(client, target.Studies);

        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("s/t", error, StringComparison.Ordinal);
        Assert.Empty(target.Requests);
    }

    [Fact]
    public async Task A_token_endpoint_that_hangs_is_given_up()
    {
        await using ScriptedTarget identity = await ScriptedTarget.StartAsync(ScriptedTarget.HangAsync);
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200));
        using HttpClient client = _bench.Client(Options(target, identity) with { IdleTimeout = TimeSpan.FromMilliseconds(200) });

        Assert.Contains("did not answer within 0.2 s", await TargetBench.CallAsync(client, target.Studies), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_endpoint_that_is_down_is_named()
    {
        ScriptedTarget identity = await ScriptedTarget.StartAsync(GrantAsync);
        await identity.DisposeAsync();
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200));
        using HttpClient client = _bench.Client(Options(target, identity), _time);

        string error = await TargetBench.CallAsync(client, target.Studies);

        Assert.Contains("token endpoint", error, StringComparison.Ordinal);
        Assert.Contains(identity.Root.Authority, error, StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();

    private static HttpTargetOptions Options(ScriptedTarget target, ScriptedTarget identity) => new()
    {
        Endpoint = target.Studies,
        OAuth2TokenUrl = new Uri(identity.Root, "token"),
        OAuth2ClientId = "me:@",
        OAuth2ClientSecret = "s/t",
        OAuth2Scope = "store read",
    };

    private Task GrantAsync(HttpContext context)
    {
        int number = Interlocked.Increment(ref _tokens);
        return context.Response.WriteAsync(string.Create(
            CultureInfo.InvariantCulture, $$"""{"access_token":"token-{{number}}","token_type":"bearer","expires_in":600}"""));
    }
}
