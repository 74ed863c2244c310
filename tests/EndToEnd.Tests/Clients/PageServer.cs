using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>Serves one page from an origin of its own: another port of the loopback interface.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _answer;
    private readonly Task _work;

    public PageServer(string script)
    {
        string page = $"<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>Viewer</title><script>{script}</script></head><body></body></html>";
        byte[] body = Encoding.UTF8.GetBytes(page);
        _answer = [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"), .. body];
        _listener.Start();
        Url = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/";
        _work = ServeAsync();
    }

    public string Url { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over, nobody asks for the page any more.
        }
    }

    /// <summary>A browser also opens connections that it never uses; those end without an answer.</summary>
    private async Task AnswerAsync(NetworkStream stream)
    {
        try
        {
            byte[] request = new byte[8192];
            int length = 0;
            while (length < request.Length && !request.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
            {
                int count = await stream.ReadAsync(request.AsMemory(length), _stop.Token);
                if (count == 0)
                {
                    return;
                }

                length += count;
            }

            await stream.WriteAsync(_answer, _stop.Token);
        }
        catch (IOException)
        {
            // The browser closed the connection; it asks again on another one if it wants the page.
        }
    }
}
