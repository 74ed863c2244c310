using System.Buffers;

namespace ImagingIngestion.Bindings.Http;

/// <summary>
/// The body of an answer, read up to a limit. A long one has its place in the memory for answers until it is disposed of.
/// </summary>
internal sealed class CappedBody : IDisposable
{
    private readonly IDisposable? _place;

    private CappedBody(byte[]? bytes, IDisposable? place)
    {
        Bytes = bytes;
        _place = place;
    }

    /// <summary>Null when the body is longer than the limit.</summary>
    public byte[]? Bytes { get; }

    /// <param name="content">Of the answer.</param>
    /// <param name="limit">The most bytes that it may have.</param>
    /// <param name="memory">For answers of more than <see cref="AnswerMemory.FreeBytes"/>; null where the limit allows none.</param>
    /// <param name="cancellationToken">Gives up.</param>
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
