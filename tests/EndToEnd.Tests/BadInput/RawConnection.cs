using System.Globalization;
using System.Net.Sockets;
using System.Text;
using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.BadInput;

/// <summary>A TCP connection that sends what no well-behaved client would, and reads answers while it sends.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(60);

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _deadline = new(TestTimeout);
    private readonly byte[] _input = new byte[64 << 10];
    private int _start;
    private int _end;

    private RawConnection()
    {
    }

    public static async Task<RawConnection> OpenAsync(Server server)
    {
        RawConnection connection = new();
        await connection._socket.ConnectAsync("127.0.0.1", server.Root.Port, connection._deadline.Token);
        return connection;
    }

    /// <summary>Opens a connection and begins a store request: a bare instance, unless headers say otherwise.</summary>
    public static async Task<RawConnection> BeginStoreAsync(Server server, params string[] headers)
    {
        RawConnection connection = await OpenAsync(server);
        string type = headers.Any(header => header.StartsWith("Content-Type", StringComparison.Ordinal))
            ? ""
            : "Content-Type: application/dicom\r\n";
        await connection.SendAsync(
            $"POST /dicom-web/studies HTTP/1.1\r\nHost: localhost\r\n{type}{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");
        return connection;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes, _deadline.Token)..];
        }
    }

    /// <summary>Sends the block repeatedly until the server answers or the total is sent; returns the number of bytes sent.</summary>
    public async Task<(Reply Reply, long Sent)> SendUntilAnsweredAsync(ReadOnlyMemory<byte> block, long total)
    {
        Task<Reply> reading = ReadReplyAsync();
        long sent = 0;
        try
        {
            for (; sent < total && !reading.IsCompleted; sent += block.Length)
            {
                await SendAsync(block[..(int)Math.Min(block.Length, total - sent)]);
            }
        }
        catch (SocketException)
        {
            // The server has answered and closed; its answer can still be read.
        }

        return (await reading, sent);
    }

    /// <summary>Reads the next answer; an interim one (1xx) has no body.</summary>
    public async Task<Reply> ReadReplyAsync()
    {
        string[] statusLine = (await ReadLineAsync()).Split(' ', 3);
        int status = int.Parse(statusLine[1], CultureInfo.InvariantCulture);
        Dictionary<string, string> headers = [];
        for (string line = await ReadLineAsync(); line.Length > 0; line = await ReadLineAsync())
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon].ToLowerInvariant()] = line[(colon + 1)..].Trim();
        }

        byte[] content =
            new byte[headers.TryGetValue("content-length", out string? length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        for (int index = 0; index < content.Length; index++)
        {
            content[index] = await ReadByteAsync();
        }

        return new Reply(status, headers, content);
    }

    /// <summary>Waits for "100 Continue": the server has admitted the upload.</summary>
    public async Task ShouldBeAdmittedAsync() => Assert.Equal(100, (await ReadReplyAsync()).Status);

    /// <summary>Waits until the server has closed the connection, whatever it says before.</summary>
    public async Task ShouldBeClosedAsync()
    {
        try
        {
            while (await _socket.ReceiveAsync(_input, _deadline.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // A reset closes it too.
        }
    }

    /// <summary>Closes the sending direction in the middle of a request: no more bytes will come, but an answer still can.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Resets the connection, like a client that crashes.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _deadline.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> ReadLineAsync()
    {
        StringBuilder line = new();
        for (byte next = await ReadByteAsync(); next != '\n'; next = await ReadByteAsync())
        {
            line.Append((char)next);
        }

        return line.ToString().TrimEnd('\r');
    }

    private async ValueTask<byte> ReadByteAsync()
    {
        if (_start == _end)
        {
            (_start, _end) = (0, await _socket.ReceiveAsync(_input, _deadline.Token));
            Assert.True(_end > 0, "The server closed the connection without an answer.");
        }

        return _input[_start++];
    }
}
