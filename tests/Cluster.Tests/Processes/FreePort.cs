using System.Net;
using System.Net.Sockets;

namespace ImagingIngestion.Cluster.Tests.Processes;

/// <summary>Ports for processes that return to the same one after a restart.</summary>
/// <remarks>They lie below the ports that the kernel gives to outgoing connections, so that no connection takes one meanwhile.</remarks>
internal static class FreePort
{
    private const int First = 21_000;
    private const int Last = 31_000;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    public static int Take()
    {
        lock (Gate)
        {
            while (true)
            {
                int port = Random.Shared.Next(First, Last);
                if (Given.Add(port) && IsFree(port))
                {
                    return port;
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
