using System.Buffers;

namespace ImagingIngestion.Bindings.Http;

/// <summary>The body of an answer, read up to a limit.</summary>
/// <remarks>A long body occupies a place in the memory for answers until it is disposed.</remarks>
internal sealed class CappedBody : IDisposable
{
    private readonly IDisposable? _place;

    private CappedBody(byte[]? bytes, IDisposable? place)
    {
        Bytes = bytes;
        _place = place;
    }

    /// <summary>Null if the body is longer than the limit.</summary>
    public byte[]? Bytes { get; }

    /// <param name="content">The content of the answer.</param>
    /// <param name="limit">The most bytes that the body may have.</param>
    /// <param name="memory">For answers of more than <see cref="AnswerMemory.FreeBytes"/>; null if the limit allows none.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static async Task<CappedBody> ReadAsync(
        HttpContent content, int limit, AnswerMemory? memory, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > limit)
        {
            return new CappedBody(null, null);
        }

        IDisposable? place = null;
        try
        {
            await using Stream stream = await content.ReadAsStreamAsync(cancellationToken);
            ArrayBufferWriter<byte> whole = new();
            byte[] buffer = new byte[8192];
            while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and int read)
            {
                if (whole.WrittenCount + read > limit)
                {
                    place?.Dispose();
                    return new CappedBody(null, null);
                }

                if (place is null && memory is not null && whole.WrittenCount + read > AnswerMemory.FreeBytes)
                {
                    place = await memory.EnterAsync(cancellationToken);
                }

                whole.Write(buffer.AsSpan(0, read));
            }

            return new CappedBody(whole.WrittenSpan.ToArray(), place);
        }
        catch
        {
            place?.Dispose();
            throw;
        }
    }

    public void Dispose() => _place?.Dispose();
}

/// <summary>
/// Bounds what the answers to all bindings of a process hold in memory: small ones are free, and only a few long ones are held at once.
/// </summary>
public sealed class AnswerMemory : IDisposable
{
    /// <summary>The bytes of an answer that need no place.</summary>
    public const int FreeBytes = 256 << 10;

    /// <summary>The most bytes of an answer that is read as a whole.</summary>
    public const int MaxAnswerBytes = 4 << 20;

    /// <summary>Places for answers of up to <see cref="MaxAnswerBytes"/>: 16 MiB.</summary>
    private const int Places = 4;

    private readonly SemaphoreSlim _places = new(Places);

    public void Dispose() => _places.Dispose();

    /// <summary>Waits for a place. Every holder has a timeout for its peer.</summary>
    internal async ValueTask<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        return new Place(_places);
    }

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private SemaphoreSlim? _places = places;

        public void Dispose() => Interlocked.Exchange(ref _places, null)?.Release();
    }
}
