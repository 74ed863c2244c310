using System.Net.Sockets;

namespace ImagingIngestion.Dimse.Transport;

/// <summary>A stream over a connected socket that acknowledges received bytes at once.</summary>
/// <remarks>
/// Senders such as DCMTK leave Nagle's algorithm on. Their last small segment waits until the one before is acknowledged, and Linux delays
/// acknowledgements by 40 ms for each message.
/// </remarks>
internal sealed class SocketStream : Stream
{
    private const int Tcp = 6;
    private const int QuickAck = 12;

    /// <summary>Detects a vanished peer during a long operation in minutes instead of hours.</summary>
    private const int KeepAliveSeconds = 60;

    private const int KeepAliveIntervalSeconds = 15;

    private static readonly byte[] On = BitConverter.GetBytes(1);

    private readonly Socket _socket;
    private bool _acknowledgesAtOnce = OperatingSystem.IsLinux();

    public SocketStream(Socket socket)
    {
        _socket = socket;
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
        Acknowledge();
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Receives, and sets the mode again, because the kernel resets it; setting it also sends a pending acknowledgement.</summary>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        if (read > 0)
        {
            Acknowledge();
        }

        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            int sent = await _socket.SendAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            buffer = buffer[sent..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // No bytes are held back.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => _socket.Receive(buffer, offset, count, SocketFlags.None);

    public override void Write(byte[] buffer, int offset, int count) => _socket.Send(buffer, offset, count, SocketFlags.None);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _socket.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Acknowledge()
    {
        if (!_acknowledgesAtOnce)
        {
            return;
        }

        try
        {
            _socket.SetRawSocketOption(Tcp, QuickAck, On);
        }
        catch (SocketException)
        {
            // The connection is already reset, or is not TCP: the next read shows the error.
            _acknowledgesAtOnce = false;
        }
    }
}
