using System.Buffers;
using System.Text;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Reads the header lines of a part, ended by CRLF or LF alone; folded lines are joined (RFC 5322 section 2.2.3).</summary>
internal static class MultipartHeaders
{
    /// <summary>The headers, null when the blank line that ends them has not arrived.</summary>
    /// <exception cref="MultipartException">Too long, too many, or a line without a colon.</exception>
    public static List<KeyValuePair<string, string>>? TryRead(in ReadOnlySequence<byte> buffer, MultipartLimits limits, out SequencePosition end)
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
            throw new MultipartException(MultipartFault.Malformed, "A header line of a part has no colon; a blank line must stand between the headers of a part and its content.");
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
