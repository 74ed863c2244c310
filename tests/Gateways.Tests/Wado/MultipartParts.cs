using System.Text;

namespace ImagingIngestion.Gateways.Tests.Wado;

/// <summary>Splits a multipart answer, on purpose without the product's own reader.</summary>
internal static class MultipartParts
{
    public static async Task<List<(string Headers, byte[] Body)>> ReadAsync(HttpResponseMessage response)
    {
        string boundary = response.Content.Headers.ContentType!.Parameters.First(parameter => parameter.Name == "boundary").Value!.Trim(
            '"');
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        byte[] delimiter = Encoding.ASCII.GetBytes("\r\n--" + boundary);
        List<(string, byte[])> parts = [];
        int position = delimiter.Length - 2;
        Assert.StartsWith("--" + boundary + "\r\n", Encoding.Latin1.GetString(body));
        while (body[position] == '\r')
        {
            int end = position + body.AsSpan(position).IndexOf(delimiter);
            int blank = position + body.AsSpan(position).IndexOf("\r\n\r\n"u8);
            Assert.InRange(blank, position, end);
            parts.Add((Encoding.ASCII.GetString(body[(position + 2)..blank]), body[(blank + 4)..end]));
            position = end + delimiter.Length;
        }

        Assert.Equal("--\r\n", Encoding.ASCII.GetString(body[position..]));
        return parts;
    }
}
