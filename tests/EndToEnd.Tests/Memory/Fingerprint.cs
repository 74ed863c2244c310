using System.Security.Cryptography;

namespace ImagingIngestion.EndToEnd.Tests.Memory;

/// <summary>Identifies an answer that is too long to be kept by its bytes, without the random boundary of a multipart.</summary>
internal sealed record Fingerprint(long Length, string Hash)
{
    private const int BlockSize = 64 << 10;

    public static async Task<Fingerprint> ReadAsync(HttpResponseMessage response)
    {
        string? boundary =
            response.Content.Headers.ContentType?.Parameters.FirstOrDefault(parameter => parameter.Name == "boundary")?.Value?.Trim('"');
        await using Stream body = await response.Content.ReadAsStreamAsync();
        return boundary is null
            ? await ReadAsync(body, 0, 0)
            : await ReadAsync(body, boundary.Length, boundary.Length + "\r\n----\r\n".Length);
    }

    public static Task<Fingerprint> ReadAsync(Stream body) => ReadAsync(body, 0, 0);

    /// <param name="body">The answer.</param>
    /// <param name="boundary">Bytes of the boundary that begins it, after CR, LF and dashes that may stand before it; 0 for none.</param>
    /// <param name="tail">Bytes at the end that do not count.</param>
    private static async Task<Fingerprint> ReadAsync(Stream body, int boundary, int tail)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[BlockSize];
        int kept = 0;
        long length = 0;
        bool isFirst = boundary > 0;
        int count;
        while ((count = await body.ReadAtLeastAsync(block.AsMemory(kept), block.Length - kept, throwOnEndOfStream: false)) > 0)
        {
            int filled = kept + count;
            int start = isFirst ? block.AsSpan(0, filled).IndexOfAnyExcept("\r\n-"u8) + boundary : 0;
            isFirst = false;
            int end = Math.Max(start, filled - tail);
            hash.AppendData(block, start, end - start);
            length += end - start;
            block.AsSpan(end, filled - end).CopyTo(block);
            kept = filled - end;
        }

        return new Fingerprint(length, Convert.ToHexString(hash.GetHashAndReset()));
    }
}
