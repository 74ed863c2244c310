using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Tests.Stow;
using ImagingIngestion.Bindings.Tests.Targets;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Tests.Http;

/// <summary>What a target receives besides the body, and what it can answer during the transfer of the body.</summary>
public sealed class RequestTests : IDisposable
{
    private readonly TargetBench _bench = new();

    [Theory]
    [InlineData(100, false)]
    [InlineData((64 << 10) - 1, false)]
    [InlineData(64 << 10, true)]
    public async Task Only_a_body_of_64_KiB_is_held_back_until_the_target_asks_for_it(int bytes, bool expected)
    {
        bool isExpected = false;
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(context =>
        {
            isExpected = context.Request.Headers.Expect.Count > 0;
            return ScriptedTarget.Status(200)(context);
        });
        using HttpClient client = _bench.Client(new HttpTargetOptions { Endpoint = target.Studies, Token = "t" });

        using HttpResponseMessage response = await client.PostAsync(target.Studies, new ByteArrayContent(new byte[bytes]));

        Assert.Equal((200, expected), ((int)response.StatusCode, isExpected));
    }

    [Fact]
    public async Task A_target_that_ignores_the_question_once_is_not_asked_again()
    {
        await using RawTarget target = new(async (peer, head, token) =>
        {
            await RawTarget.ReadBodyAsync(peer, head, token);
            await RawTarget.AnswerAsync(peer, "200 OK", token);
        });
        using HttpClient client = _bench.Client(new HttpTargetOptions { Endpoint = target.Studies, Token = "t" });

        for (int count = 0; count < 3; count++)
        {
            using HttpResponseMessage response = await client.PostAsync(target.Studies, new ByteArrayContent(new byte[64 << 10]));
        }

        Assert.Equal(
            [true, false, false], target.Heads.Select(head => head.Contains("Expect: 100-continue", StringComparison.OrdinalIgnoreCase)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refusal_that_comes_while_a_large_body_is_on_its_way_is_heard(bool closes)
    {
        TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawTarget target = new(async (peer, _, token) =>
        {
            await RawTarget.AnswerAsync(peer, "413 Content Too Large", token, closes: false);
            await (closes ? Task.CompletedTask : over.Task.WaitAsync(token));
        });
        await using StowBench bench = await StowBench.StartAsync(
            ScriptedTarget.Status(500), 0, options => options with { Target = options.Target with { Endpoint = target.Studies } });
        bench.Source.Add("1.2.1", 60 << 20);

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1));

        Assert.Equal(DeliveryOutcome.DeadLetter, result.Outcome);
        Assert.Contains("status 413", result.Error, StringComparison.Ordinal);
        over.SetResult();
    }

    [Fact]
    public async Task A_connection_that_was_cut_after_a_refusal_carries_no_other_request()
    {
        int requests = 0;
        await using RawTarget target = new(async (peer, head, token) =>
        {
            if (Interlocked.Increment(ref requests) == 1)
            {
                await RawTarget.AnswerAsync(peer, "413 Content Too Large", token, closes: false);
                await new TaskCompletionSource().Task.WaitAsync(token);
            }

            await RawTarget.ReadBodyAsync(peer, head, token);
            await RawTarget.AnswerAsync(peer, "200 OK", token);
        });
        using HttpClient client = _bench.Client(new HttpTargetOptions { Endpoint = target.Studies });

        using HttpResponseMessage refused = await client.PostAsync(target.Studies, new ByteArrayContent(new byte[60 << 20]));
        using HttpResponseMessage taken = await client.PostAsync(target.Studies, new ByteArrayContent(new byte[100]));

        Assert.Equal((413, 200, 2), ((int)refused.StatusCode, (int)taken.StatusCode, target.Heads.Count));
    }

    [Fact]
    public async Task An_answer_that_begins_before_the_body_is_over_and_refuses_nothing_cuts_nothing()
    {
        long received = 0;
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(async context =>
        {
            await context.Response.StartAsync();
            byte[] block = new byte[64 << 10];
            while (await context.Request.Body.ReadAsync(block) is > 0 and int read)
            {
                received += read;
            }
        });
        using HttpClient client = _bench.Client(new HttpTargetOptions { Endpoint = target.Studies });

        using HttpResponseMessage response = await client.PostAsync(target.Studies, new ByteArrayContent(new byte[60 << 20]));

        Assert.Equal((200, 60 << 20), ((int)response.StatusCode, received));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("\"0\"")]
    public async Task A_token_that_is_said_to_have_ended_is_not_kept(string expiresIn)
    {
        await using ScriptedTarget identity =
            await ScriptedTarget.StartAsync(ScriptedTarget.Status(200, $$"""{"access_token":"t","expires_in":{{expiresIn}}}"""));
        await using ScriptedTarget target = await ScriptedTarget.StartAsync(ScriptedTarget.Status(200));
        using HttpClient client = _bench.Client(new HttpTargetOptions
        {
            Endpoint = target.Studies, OAuth2TokenUrl = new Uri(identity.Root, "token"), OAuth2ClientId = "me", OAuth2ClientSecret = "s",
        });

        Assert.Equal("200", await TargetBench.CallAsync(client, target.Studies));
        Assert.Equal("200", await TargetBench.CallAsync(client, target.Studies));
        Assert.Equal(2, identity.Requests.Count);
    }

    public void Dispose() => _bench.Dispose();
}

/// <summary>A target that is no HTTP server: a script reads and writes the bytes of each request.</summary>
internal sealed class RawTarget : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<NetworkStream, string, CancellationToken, Task> _script;
    private readonly ConcurrentQueue<string> _heads = new();
    private readonly Task _accepting;

    /// <param name="script">
    /// Gets the connection and the head of a request, whose body is still unread. The connection is closed after it.
    /// </param>
    public RawTarget(Func<NetworkStream, string, CancellationToken, Task> script)
    {
        _script = script;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Studies => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/studies");

    /// <summary>The heads of the requests.</summary>
    public IReadOnlyList<string> Heads => [.. _heads];

    /// <summary>Writes an answer without a body.</summary>
    public static Task AnswerAsync(NetworkStream peer, string status, CancellationToken cancellationToken, bool closes = true)
        => peer.WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\n{(closes ? "Connection: close\r\n" : "")}\r\n"),
            cancellationToken).AsTask();

    /// <summary>Reads a body of a known length.</summary>
    public static async Task ReadBodyAsync(NetworkStream peer, string head, CancellationToken cancellationToken)
    {
        string length =
            head.Split("\r\n").Single(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Split(':')[1];
        await peer.ReadExactlyAsync(new byte[int.Parse(length, System.Globalization.CultureInfo.InvariantCulture)], cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> serving = [];
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient owned = client;
        NetworkStream peer = client.GetStream();
        try
        {
            StringBuilder head = new();
            byte[] one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await peer.ReadAsync(one, _stop.Token) == 1)
            {
                head.Append((char)one[0]);
            }

            _heads.Enqueue(head.ToString());
            await _script(peer, head.ToString(), _stop.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The client has gone, or the test is over.
        }
    }
}
