using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Writes a multipart/related body (RFC 2387).</summary>
/// <remarks>
/// Begin a part, write its bytes to <see cref="Output"/>, and so on, then call <see cref="End"/>. The caller flushes, and so decides when
/// to wait for the peer.
/// </remarks>
public sealed class MultipartWriter
{
    private bool _hasParts;

    /// <param name="output">Receives the body.</param>
    /// <param name="boundary">A boundary of the caller; null for a fresh random one.</param>
    public MultipartWriter(PipeWriter output, string? boundary = null)
    {
        Output = output;
        Boundary = boundary ?? "boundary-" + RandomNumberGenerator.GetHexString(32, lowercase: true);
    }

    public PipeWriter Output { get; }

    public string Boundary { get; }

    /// <summary>Returns the Content-Type of the whole body, with the type of its parts quoted.</summary>
    /// <param name="partType">Media type of the parts.</param>
    /// <param name="transferSyntaxUid">The transfer syntax, only if all parts have the same.</param>
    public string ContentType(string partType, string? transferSyntaxUid = null)
        => $"multipart/related; type=\"{partType}\"; boundary=\"{Boundary}\""
            + (transferSyntaxUid is null ? "" : $"; transfer-syntax={transferSyntaxUid}");

    /// <summary>Writes the delimiter and the headers of a part.</summary>
    public void BeginPart(string contentType, string? contentLocation = null, params ReadOnlySpan<KeyValuePair<string, string>> headers)
    {
        StringBuilder head = new();
        head.Append(_hasParts ? "\r\n--" : "--").Append(Boundary).Append("\r\n");
        AppendHeader(head, "Content-Type", contentType);
        if (contentLocation is not null)
        {
            AppendHeader(head, "Content-Location", contentLocation);
        }

        foreach ((string name, string value) in headers)
        {
            AppendHeader(head, name, value);
        }

        _hasParts = true;
        Write(head.Append("\r\n"));
    }

    /// <summary>Writes the closing delimiter.</summary>
    public void End()
    {
        StringBuilder close = new();
        close.Append(_hasParts ? "\r\n--" : "--").Append(Boundary).Append("--\r\n");
        Write(close);
    }

    private static void AppendHeader(StringBuilder head, string name, string value)
    {
        if (value.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            throw new ArgumentException("A header value must not hold a line end.", nameof(value));
        }

        head.Append(name).Append(": ").Append(value).Append("\r\n");
    }

    private void Write(StringBuilder text) => Output.Write(Encoding.UTF8.GetBytes(text.ToString()));
}
