using System.Buffers;

namespace ImagingIngestion.Gateways.Http;

/// <summary>A part of a multipart body, readable until the next one is asked for.</summary>
public sealed class MultipartPart
{
    private readonly MultipartReader _reader;

    internal MultipartPart(MultipartReader reader, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        _reader = reader;
        Headers = headers;
    }

    /// <summary>Names as sent, values trimmed.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    /// <summary>Null when absent or not a media type.</summary>
    public MediaType? ContentType => MediaType.TryParse(this["Content-Type"], out MediaType? type) ? type : null;

    public string? ContentLocation => this["Content-Location"];

    /// <summary>The first header of that name, in any case.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (KeyValuePair<string, string> header in Headers)
            {
                if (header.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return header.Value;
                }
            }

            return null;
        }
    }

    /// <summary>The next bytes, empty at the end of the part. They stay valid until the next call on this part or its reader.</summary>
    /// <exception cref="MultipartException">The body ends within the part.</exception>
    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
        => await _reader.ReadBodyAsync(this, cancellationToken);
}
