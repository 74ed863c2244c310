using System.Buffers;

namespace ImagingIngestion.Dicom.Interchange;

/// <summary>One value field that grows while it is collected; the memory serves the next one again.</summary>
internal sealed class ValueBuffer : IDisposable
{
    private const int FirstSize = 4 << 10;

    /// <summary>Larger arrays are left to the garbage collector: a pool would keep them for good.</summary>
    private const int LargestPooled = 1 << 20;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstSize);

    public int Length { get; private set; }

    public int Capacity => _bytes.Length;

    /// <summary>What was appended since the last <see cref="Clear"/>; valid until more is.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>Room for bytes, of which <see cref="Advance"/> tells how many were written.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count)
        {
            _bytes = Grow(_bytes, Length, (int)Math.Min(Math.Max(_bytes.Length * 2L, (long)Length + count), Array.MaxLength));
        }

        return _bytes.AsSpan(Length);
    }

    public void Advance(int count) => Length += count;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Length += bytes.Length;
    }

    public void Append(byte one) => Append(new ReadOnlySpan<byte>(in one));

    public void Clear() => Length = 0;

    public void Dispose()
    {
        Return(_bytes);
        _bytes = [];
    }

    /// <summary>Moves the first bytes of a block into a larger one.</summary>
    public static byte[] Grow(byte[] block, int used, int size)
    {
        byte[] larger = size > LargestPooled ? GC.AllocateUninitializedArray<byte>(size) : ArrayPool<byte>.Shared.Rent(size);
        block.AsSpan(0, used).CopyTo(larger);
        Return(block);
        return larger;
    }

    /// <summary>Gives a block back to where it came from.</summary>
    public static void Return(byte[] block)
    {
        if (block.Length is > 0 and <= LargestPooled)
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
