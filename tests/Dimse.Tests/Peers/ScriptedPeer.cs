using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ImagingIngestion.Dimse.Tests.Peers;

/// <summary>A peer that sends whatever bytes a test tells it to, and reads PDUs.</summary>
internal sealed class ScriptedPeer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;

    private ScriptedPeer(Socket socket)
    {
        _socket = socket;
        socket.NoDelay = true;
    }

    /// <summary>Connects to a server of this machine.</summary>
    public static async Task<ScriptedPeer> ConnectAsync(int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port).WaitAsync(Patience);
        return new ScriptedPeer(socket);
    }

    /// <summary>Connects, and has an association accepted.</summary>
    public static async Task<ScriptedPeer> AssociateAsync(int port, byte[]? request = null)
    {
        ScriptedPeer peer = await ConnectAsync(port);
        await peer.SendAsync(request ?? RawPdu.AssociateRequest());
        (byte type, _) = await peer.ReadAsync();
        Assert.Equal(2, type);
        return peer;
    }

    /// <summary>Takes one connection of a requestor.</summary>
    public static async Task<ScriptedPeer> AcceptAsync(Socket listener) => new(await listener.AcceptAsync().WaitAsync(Patience));

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
            sent += await _socket.SendAsync(bytes.AsMemory(sent)).AsTask().WaitAsync(Patience);
        }
    }

    /// <summary>The next PDU; type 0 where the connection ended instead.</summary>
    public async Task<(byte Type, byte[] Body)> ReadAsync()
    {
        byte[]? header = await ReadExactlyAsync(6);
        return header is null
            ? ((byte)0, [])
            : (header[0], await ReadExactlyAsync(BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(2))) ?? []);
    }

    /// <summary>The command set of the next message, whose data set is read, too.</summary>
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

    /// <summary>The status of the next message.</summary>
    public async Task<int> ReadStatusAsync() => RawPdu.Read(await ReadCommandAsync(), 0x0900);

    /// <summary>Reads what comes until the connection ends, and returns the types of the PDUs.</summary>
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

    /// <summary>No more is sent, but what comes is read.</summary>
    public void StopSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Goes away with a reset.</summary>
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
                next = await _socket.ReceiveAsync(bytes.AsMemory(read)).AsTask().WaitAsync(Patience);
            }
            catch (SocketException)
            {
                // A reset ends a connection as well as any other end.
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
