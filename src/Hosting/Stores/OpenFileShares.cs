using System.Globalization;

namespace ImagingIngestion.Hosting.Stores;

/// <summary>Divides the files that the process may open (RLIMIT_NOFILE, which the runtime raises as far as it may).</summary>
/// <remarks>
/// A runtime that can open no more files ends the process. So everything that a peer can make this process open has a share, and the shares
/// leave enough for the rest.
/// </remarks>
public sealed record OpenFileShares
{
    private const string LimitsFile = "/proc/self/limits";
    private const string OpenFolder = "/proc/self/fd";
    private const string Name = "Max open files";

    /// <summary>Files that the process opens later itself: assemblies (two descriptors each), the manifest, listeners.</summary>
    private const int ReservedForLater = 72;

    /// <summary>Files that threads of the disk read at once, open for a moment each.</summary>
    private const int ConcurrentReads = 16;

    /// <summary>With fewer files to share the process cannot start.</summary>
    private const int MinShared = 32;

    private const int Eighths = 8;

    /// <summary>No limit is known.</summary>
    public static OpenFileShares Unlimited { get; } = new();

    /// <summary>Connections of HTTP clients.</summary>
    public int Http { get; init; } = int.MaxValue;

    /// <summary>Connections to the DIMSE port.</summary>
    public int Dimse { get; init; } = int.MaxValue;

    /// <summary>Connections of other processes of the cluster.</summary>
    public int Calls { get; init; } = int.MaxValue;

    /// <summary>Objects that are being written to a folder.</summary>
    public int Uploads { get; init; } = int.MaxValue;

    /// <summary>Objects of a folder that stay open between two reads.</summary>
    public int KeptReads { get; init; } = int.MaxValue;

    /// <summary>Measures what is open now, before anything listens.</summary>
    /// <exception cref="IOException">The process may open too few files; the message says how many it needs.</exception>
    public static OpenFileShares Measure(IEnumerable<OutgoingConnections> outgoing, bool takesCalls)
        => File.Exists(LimitsFile) && LimitOf(File.ReadLines(LimitsFile)) is { } limit
            ? Divide(
                limit, Directory.EnumerateFileSystemEntries(OpenFolder).Count(), outgoing.Sum(connections => connections.Count), takesCalls)
            : Unlimited;

    /// <param name="limits">The lines of /proc/self/limits; the soft limit follows the name.</param>
    internal static long? LimitOf(IEnumerable<string> limits)
        => limits.FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal)) is { } line
            && long.TryParse(
                line[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out long files)
            ? files
            : null;

    /// <param name="limit">Files that may be open.</param>
    /// <param name="open">Open files.</param>
    /// <param name="outgoing">Connections that the process opens itself.</param>
    /// <param name="takesCalls">Other processes of the cluster connect.</param>
    internal static OpenFileShares Divide(long limit, int open, long outgoing, bool takesCalls)
    {
        long taken = open + ReservedForLater + ConcurrentReads + outgoing;
        if (limit < taken + MinShared)
        {
            throw new IOException($"This process may have {limit} files and connections open and needs {taken
                + MinShared}: raise the limit (ulimit -n, or LimitNOFILE= of a systemd unit).");
        }

        // An upload opens its file and, when it completes, a folder.
        int eighth = (int)Math.Min(int.MaxValue / Eighths, (limit - taken) / Eighths);
        return new OpenFileShares
        {
            Http = eighth * (takesCalls ? 2 : 3),
            Dimse = eighth * 2,
            Calls = eighth,
            Uploads = eighth,
            KeptReads = eighth,
        };
    }
}

/// <summary>Connections that a feature opens from this process, as many as its settings allow.</summary>
public sealed record OutgoingConnections(long Count);

/// <summary>The process takes calls of other processes of the cluster.</summary>
public sealed record CallPort;
