using System.Runtime.InteropServices;

namespace ImagingIngestion.Storage;

/// <summary>Bounds what the C library keeps of memory that SQLite, zlib and TLS have given back.</summary>
/// <remarks>
/// Left to itself, glibc raises the size up to which it serves a block from its arenas to the largest block it has seen freed, and makes
/// eight arenas a processor. After a few large headers every arena then keeps tens of megabytes that are never used again.
/// </remarks>
public static partial class NativeMemory
{
    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;
    private const int MaxArenas = -8;

    /// <summary>
    /// Larger blocks are mapped one by one and unmapped when they are freed. The state of one deflate stream is smaller: it is needed for
    /// each instance.
    /// </summary>
    private const int LargestInArena = 512 << 10;

    private const int LargestUnused = 1 << 20;

    /// <summary>Sets the bounds for this process; does nothing where the C library has no such call.</summary>
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
            // musl returns what is freed without being told.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);
}
