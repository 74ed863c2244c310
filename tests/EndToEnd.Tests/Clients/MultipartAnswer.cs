using System.Text;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>Splits a multipart body as RFC 2046 section 5.1.1 wants it written: CRLF everywhere, a closing boundary, nothing around.</summary>
internal static class MultipartAnswer
{
    /// <summary>Headers of each part, as text, and its bytes.</summary>
    public static IReadOnlyList<(string Headers, byte[] Body)> Parts(string contentType, byte[] body)
    {
        string boundary = contentType.Split("boundary=")[1].Split(';')[0].Trim('"');
        byte[] delimiter = Encoding.ASCII.GetBytes("\r\n--" + boundary);
        ReadOnlySpan<byte> rest = [.. "\r\n"u8, .. body];
        List<(string, byte[])> parts = [];
        Assert.True(rest.StartsWith(delimiter), "The body does not begin with its boundary.");
        rest = rest[delimiter.Length..];
        while (!rest.SequenceEqual("--\r\n"u8) && !rest.SequenceEqual("--"u8))
        {
            int headersEnd = rest.IndexOf("\r\n\r\n"u8);
            int end = rest.IndexOf(delimiter);
            Assert.True(headersEnd >= 0 && end > headersEnd, "A part does not end.");
            parts.Add((Encoding.ASCII.GetString(rest[2..headersEnd]), rest[(headersEnd + 4)..end].ToArray()));
            rest = rest[(end + delimiter.Length)..];
        }

        return parts;
    }
}
