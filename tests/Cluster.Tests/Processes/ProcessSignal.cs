using System.Runtime.InteropServices;

namespace ImagingIngestion.Cluster.Tests.Processes;

/// <summary>Signals that .NET has no call for.</summary>
internal static partial class ProcessSignal
{
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Stop = 19;

    /// <summary>SIGTERM: it ends in order.</summary>
    public static void SendTerminate(int processId) => Send(processId, Terminate);

    /// <summary>SIGSTOP: it does nothing any more, and its connections stay open.</summary>
    public static void Freeze(int processId) => Send(processId, Stop);

    /// <summary>SIGCONT: it goes on where it was.</summary>
    public static void Thaw(int processId) => Send(processId, Continue);

    private static void Send(int processId, int signal)
    {
        if (Kill(processId, signal) != 0)
        {
            throw new InvalidOperationException($"Signal {signal} cannot be sent to process {processId}: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
