using System.Net;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Tests.Targets;
using ImagingIngestion.Tests;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Bindings.Tests.Http;

public sealed class AuthorizationTests : IDisposable
{
    private readonly TargetBench _bench = new();

    [Fact]
    public async Task A_user_name_and_password_are_sent_at_once()
    {
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200));
        using HttpClient client = _bench.Client(
            new HttpTargetOptions { Endpoint = target.Studies, Username = "pacs", Password = "grün:1" });

        await TargetBench.CallAsync(client, target.Studies);

        Assert.Equal(["GET /studies Basic cGFjczpncsO8bjox"], target.Requests);
        Assert.Contains(_bench.Log.Collector.Lines(), message => message.StartsWith("Warning 6101", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Credentials_go_to_no_other_host()
    {
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200));
        await using ScriptedTarget other = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200));
        using HttpClient client = _bench.Client(new HttpTargetOptions { Endpoint = target.Studies, Token = "secret" });

        await TargetBench.CallAsync(client, other.Studies);
        await TargetBench.CallAsync(client, target.Studies);

        Assert.Equal(["GET /studies"], other.Requests);
        Assert.Equal(["GET /studies Bearer secret"], target.Requests);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_a_cookie_not_kept()
    {
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(context =>
        {
            Assert.Empty(context.Request.Cookies);
            context.Response.Cookies.Append("session", "1");
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });
        using HttpClient client = _bench.Client(new HttpTargetOptions { Endpoint = target.Studies });

        Assert.Equal("302", await TargetBench.CallAsync(client, target.Studies));
        Assert.Equal("302", await TargetBench.CallAsync(client, target.Studies));
        Assert.Equal(2, target.Requests.Count);
    }

    [Fact]
    public async Task A_token_file_that_changes_is_read_again()
    {
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200));
        string file = _bench.Write("token", "first\n");
        using HttpClient client = _bench.Client(new HttpTargetOptions { Endpoint = target.Studies, TokenFile = file });

        await TargetBench.CallAsync(client, target.Studies);
        _bench.Write("token", "second");
        await TargetBench.CallAsync(client, target.Studies);

        Assert.Equal(["GET /studies Bearer first", "GET /studies Bearer second"], target.Requests);
    }

    [Fact]
    public async Task A_token_that_is_rotated_while_it_is_refused_is_tried_once_more()
    {
        string file = _bench.Write("token", "old");
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(context =>
        {
            bool isOld = context.Request.Headers.Authorization == "Bearer old";
            _bench.Write("token", "new");
            return ScriptedTarget.Status(isOld ? 401 : 200)(context);
        });
        using HttpClient client = _bench.Client(new HttpTargetOptions { Endpoint = target.Studies, TokenFile = file });

        Assert.Equal("200", await TargetBench.CallAsync(client, target.Studies, withBody: true));
        Assert.Equal(["POST /studies Bearer old", "POST /studies Bearer new"], target.Requests);
    }

    [Fact]
    public async Task A_token_that_stays_refused_is_not_tried_twice()
    {
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(401));
        using HttpClient client = _bench.Client(
            new HttpTargetOptions { Endpoint = target.Studies, TokenFile = _bench.Write("token", "old") });

        Assert.Equal("401", await TargetBench.CallAsync(client, target.Studies));
        Assert.Single(target.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    public async Task A_file_without_a_token_is_named(string content)
    {
        string file = _bench.Write("token", content);
        using HttpClient client = _bench.Client(
            new HttpTargetOptions { Endpoint = new Uri("http://127.0.0.1:9/studies"), TokenFile = file });

        Assert.Contains(
            $"({file}) holds no token",
            await TargetBench.CallAsync(client, new Uri("http://127.0.0.1:9/studies")),
            StringComparison.Ordinal);
    }

    /// <summary>A named pipe without a writer blocks a reader, like a disk that hangs.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_on_a_disk_that_does_not_answer_holds_up_its_request_and_not_the_thread_that_makes_it(bool isToken)
    {
        string file = _bench.Pipe("stuck");
        Uri endpoint = new("http://127.0.0.1:9/studies");
        using HttpClient client = _bench.Client(isToken
            ? new HttpTargetOptions { Endpoint = endpoint, TokenFile = file }
            : new HttpTargetOptions { Endpoint = endpoint, ClientCertificateFile = file });

        Task<Task<string>> calling = Task.Factory.StartNew(
            () => TargetBench.CallAsync(client, endpoint), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Task<string> call = await calling.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.False(call.IsCompleted);
        await using (new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            Assert.Contains($"({file}) cannot be used", await call.WaitAsync(TimeSpan.FromMinutes(1)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_body_is_held_back_until_the_credentials_are_taken()
    {
        long received = 0;
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(async context =>
        {
            if (context.Request.Headers.Authorization == "Bearer right")
            {
                using MemoryStream body = new();
                await context.Request.Body.CopyToAsync(body);
                received = body.Length;
                return;
            }

            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        });
        using HttpClient refused = _bench.Client(new HttpTargetOptions { Endpoint = target.Studies, Token = "wrong" });
        using HttpClient taken = _bench.Client(new HttpTargetOptions { Endpoint = target.Studies, Token = "right" });
        using CountedContent held = new();
        using CountedContent sent = new();

        using HttpResponseMessage no = await refused.PostAsync(target.Studies, held);
        using HttpResponseMessage yes = await taken.PostAsync(target.Studies, sent);

        Assert.Equal((401, 0), ((int)no.StatusCode, held.Writes));
        Assert.Equal((200, 1), ((int)yes.StatusCode, sent.Writes));
        Assert.Equal(CountedContent.Length, received);
    }

    [Fact]
    public async Task A_target_that_cannot_be_asked_first_gets_the_body_at_once()
    {
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(context =>
            ScriptedTarget.Status(context.Request.Headers.Expect.Count > 0 ? StatusCodes.Status417ExpectationFailed : 200)(context));
        using HttpClient client = _bench.Client(new HttpTargetOptions { Endpoint = target.Studies, Token = "t" });

        using HttpResponseMessage first = await client.PostAsync(target.Studies, new ByteArrayContent(new byte[64 << 10]));
        using HttpResponseMessage second = await client.PostAsync(target.Studies, new ByteArrayContent(new byte[64 << 10]));

        Assert.Equal((200, 200, 3), ((int)first.StatusCode, (int)second.StatusCode, target.Requests.Count));
    }

    public void Dispose() => _bench.Dispose();
}

/// <summary>A body that counts its transfers.</summary>
internal sealed class CountedContent : HttpContent
{
    public const int Length = 1000;

    public int Writes { get; private set; }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        Writes++;
        await stream.WriteAsync(new byte[Length]);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
