using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ImagingIngestion.Dimse.Tests.Peers;

/// <summary>A peer that sends the bytes that a test gives it, and reads PDUs.</summary>
internal sealed class ScriptedPeer : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;

    private ScriptedPeer(Socket socket)
    {
        _socket = socket;
        socket.NoDelay = true;
    }

    /// <summary>Connects to a server on this machine.</summary>
    public static async Task<ScriptedPeer> ConnectAsync(int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port).WaitAsync(Timeout);
        return new ScriptedPeer(socket);
    }

    /// <summary>Connects, requests an association and checks that it is accepted.</summary>
    public static async Task<ScriptedPeer> AssociateAsync(int port, byte[]? request = null)
    {
        ScriptedPeer peer = await ConnectAsync(port);
        await peer.SendAsync(request ?? RawPdu.AssociateRequest());
        (byte type, _) = await peer.ReadAsync();
        Assert.Equal(2, type);
        return peer;
    }

    /// <summary>Accepts one connection of a requestor.</summary>
    public static async Task<ScriptedPeer> AcceptAsync(Socket listener) => new(await listener.AcceptAsync().WaitAsync(Timeout));

    /// <summary>Listens on a free port of this machine.</summary>
    public static (Socket Listener, int Port) Listen()
    {
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return (listener, ((IPEndPoint)listener.LocalEndPoint!).Port);
    }

    public async Task SendAsync(byte[] bytes)
    {
        for (int sent = 0; sent < bytes.Length;)
        {
            sent += await _socket.SendAsync(bytes.AsMemory(sent)).AsTask().WaitAsync(Timeout);
        }
    }

    /// <summary>Reads the next PDU; type 0 means that the connection has ended.</summary>
    public async Task<(byte Type, byte[] Body)> ReadAsync()
    {
        byte[]? header = await ReadExactlyAsync(6);
        return header is null
            ? ((byte)0, [])
            : (header[0], await ReadExactlyAsync(BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(2))) ?? []);
    }

    /// <summary>Reads the next message, and returns its command set.</summary>
    public async Task<byte[]> ReadCommandAsync()
    {
        (byte type, byte[] body) = await ReadAsync();
        Assert.Equal(4, type);
        byte[] command = body[6..];
        if (RawPdu.Read(command, 0x0800) != RawPdu.NoDataSet)
        {
            Assert.Equal(4, (await ReadAsync()).Type);
        }

        return command;
    }

    /// <summary>Reads the next message, and returns its status.</summary>
    public async Task<int> ReadStatusAsync() => RawPdu.Read(await ReadCommandAsync(), 0x0900);

    /// <summary>Reads PDUs until the connection ends, and returns their types.</summary>
    public async Task<List<byte>> ReadToEndAsync()
    {
        List<byte> types = [];
        while (true)
        {
            (byte type, _) = await ReadAsync();
            if (type == 0)
            {
                return types;
            }

            types.Add(type);
        }
    }

    /// <summary>Closes the sending direction; PDUs can still be read.</summary>
    public void StopSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes the connection with a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<byte[]?> ReadExactlyAsync(int count)
    {
        byte[] bytes = new byte[count];
        for (int read = 0; read < count;)
        {
            int next;
            try
            {
                next = await _socket.ReceiveAsync(bytes.AsMemory(read)).AsTask().WaitAsync(Timeout);
            }
            catch (SocketException)
            {
                // A reset counts as the end of the connection.
                next = 0;
            }

            if (next == 0)
            {
                return null;
            }

            read += next;
        }

        return bytes;
    }
}
