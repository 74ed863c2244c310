using System.Text;

namespace ImagingIngestion.Gateways.Http;

/// <summary>
/// A media type or range with its parameters (RFC 9110 section 8.3.1); type, subtype and parameter names are kept in lower case, values as
/// sent without quotes.
/// </summary>
public sealed record MediaType(string Type, string Subtype, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    /// <summary>Type and subtype.</summary>
    public string Essence => Type + "/" + Subtype;

    public bool IsMultipart => Type == "multipart";

    /// <summary>
    /// The <c>type</c> parameter of multipart/related (RFC 2387). Some clients write it twice, the first time as multipart/related itself;
    /// that one says nothing and is passed over.
    /// </summary>
    public MediaType? RelatedType
    {
        get
        {
            foreach (KeyValuePair<string, string> parameter in Parameters)
            {
                if (parameter.Key == "type" && TryParse(parameter.Value, out MediaType? type) && !type.IsMultipart)
                {
                    return type;
                }
            }

            return null;
        }
    }

    /// <summary>The first parameter of that name, null when there is none.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (KeyValuePair<string, string> parameter in Parameters)
            {
                if (parameter.Key == name)
                {
                    return parameter.Value;
                }
            }

            return null;
        }
    }

    /// <summary>
    /// Reads one media type, tolerant of unquoted values with a slash and of missing values; anything after a top-level comma is left out.
    /// </summary>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out MediaType? mediaType)
    {
        mediaType = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            return false;
        }

        int position = 0;
        return MediaTypeScanner.TryScan(text, ref position, out mediaType);
    }

    /// <summary>As it goes on the wire: values that are no token are quoted.</summary>
    public override string ToString()
    {
        StringBuilder text = new(Essence);
        foreach ((string name, string value) in Parameters)
        {
            text.Append("; ").Append(name).Append('=');
            if (value.Length > 0 && value.All(MediaTypeScanner.IsTokenCharacter))
            {
                text.Append(value);
            }
            else
            {
                text
                    .Append('"')
                    .Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal))
                    .Append('"');
            }
        }

        return text.ToString();
    }
}
