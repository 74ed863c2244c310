using System.Runtime.InteropServices;

namespace ImagingIngestion.Storage;

/// <summary>Bounds how much freed memory the C library keeps of what SQLite, zlib and TLS have used.</summary>
/// <remarks>
/// By default, glibc makes eight arenas a processor. It serves blocks from them up to the size of the largest block it has seen freed.
/// After a few large headers every arena then keeps tens of megabytes that are never used again.
/// </remarks>
public static partial class NativeMemory
{
    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;
    private const int MaxArenas = -8;

    /// <summary>Larger blocks are mapped one by one and unmapped when they are freed.</summary>
    /// <remarks>The state of one deflate stream, which each instance needs, is smaller.</remarks>
    private const int LargestInArena = 512 << 10;

    private const int LargestUnused = 1 << 20;

    /// <summary>Sets the bounds for this process; does nothing if the C library has no such call.</summary>
    public static void Bound()
    {
        try
        {
            _ = MallOpt(MapThreshold, LargestInArena);
            _ = MallOpt(TrimThreshold, LargestUnused);
            _ = MallOpt(MaxArenas, Math.Max(2, Environment.ProcessorCount));
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // musl returns freed memory by itself.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);
}
