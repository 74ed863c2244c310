using System.Buffers;
using System.Text;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Reads the header lines of a part, ended by CRLF or LF alone; folded lines are joined (RFC 5322 section 2.2.3).</summary>
internal static class MultipartHeaders
{
    /// <summary>Returns the headers; null if the blank line that ends them has not arrived.</summary>
    /// <exception cref="MultipartException">Too long, too many, or a line without a colon.</exception>
    public static List<KeyValuePair<string, string>>? TryRead(
        in ReadOnlySequence<byte> buffer, MultipartLimits limits, out SequencePosition end)
    {
        List<KeyValuePair<string, string>> headers = [];
        SequenceReader<byte> reader = new(buffer);
        while (reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
        {
            RequireWithin(reader.Consumed, limits);
            string text = Encoding.UTF8.GetString(line).TrimEnd('\r');
            if (text.Length == 0)
            {
                end = reader.Position;
                return headers;
            }

            Add(headers, text, limits);
        }

        RequireWithin(buffer.Length, limits);
        end = buffer.Start;
        return null;
    }

    private static void Add(List<KeyValuePair<string, string>> headers, string line, MultipartLimits limits)
    {
        if (line[0] is ' ' or '\t' && headers.Count > 0)
        {
            (string name, string value) = headers[^1];
            headers[^1] = new(name, value + " " + line.Trim());
            return;
        }

        int colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0)
        {
            throw new MultipartException(
                MultipartFault.Malformed,
                "A header line of a part has no colon; a blank line must stand between the headers of a part and its content.");
        }

        if (headers.Count == limits.MaxHeaders)
        {
            throw new MultipartException(MultipartFault.TooLarge, $"A part has more than {limits.MaxHeaders} header lines.");
        }

        headers.Add(new(line[..colon].Trim(), line[(colon + 1)..].Trim()));
    }

    private static void RequireWithin(long length, MultipartLimits limits)
    {
        if (length > limits.MaxHeaderBytes)
        {
            throw new MultipartException(MultipartFault.TooLarge, $"The headers of a part have more than {limits.MaxHeaderBytes} bytes.");
        }
    }
}

/// <summary>The rest of a multipart body cannot be read.</summary>
/// <remarks>The message names the fault and holds none of the body's bytes.</remarks>
public sealed class MultipartException(MultipartFault fault, string message) : Exception(message)
{
    public MultipartFault Fault { get; } = fault;
}

/// <summary>The fault of a multipart body.</summary>
public enum MultipartFault
{
    /// <summary>The body does not have the form of RFC 2046 section 5.1: 400.</summary>
    Malformed,

    /// <summary>The body ends within a part: that part is lost, the ones before it are whole.</summary>
    Truncated,

    /// <summary>A part header or the preamble is longer than allowed: 400.</summary>
    TooLarge,
}

/// <summary>The limits for the bytes around the parts of a multipart body.</summary>
public sealed record MultipartLimits
{
    /// <summary>Bytes of all headers of one part. Must be less than what the transport buffers.</summary>
    public int MaxHeaderBytes { get; init; } = 16 * 1024;

    /// <summary>Headers of one part.</summary>
    public int MaxHeaders { get; init; } = 64;

    /// <summary>Bytes before the first boundary.</summary>
    public long MaxPreambleBytes { get; init; } = 64 * 1024;
}
