using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ImagingIngestion.Bindings.Tests.Http;

/// <summary>A target that is no HTTP server: a script reads and writes bytes of each request itself.</summary>
internal sealed class RawTarget : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<NetworkStream, string, CancellationToken, Task> _script;
    private readonly ConcurrentQueue<string> _heads = new();
    private readonly Task _accepting;

    /// <param name="script">Gets the connection and the head of a request, the body of which is still to be read. The connection is closed after it.</param>
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
        => peer.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\n{(closes ? "Connection: close\r\n" : "")}\r\n"), cancellationToken).AsTask();

    /// <summary>Reads a body of a known length.</summary>
    public static async Task ReadBodyAsync(NetworkStream peer, string head, CancellationToken cancellationToken)
    {
        string length = head.Split("\r\n").Single(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Split(':')[1];
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
