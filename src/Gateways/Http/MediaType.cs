using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ImagingIngestion.Gateways.Http;

/// <summary>A media type or range with its parameters (RFC 9110 section 8.3.1).</summary>
/// <remarks>Type, subtype and parameter names are in lower case; values are as sent, without quotes.</remarks>
public sealed record MediaType(string Type, string Subtype, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    /// <summary>Type and subtype.</summary>
    public string Essence => Type + "/" + Subtype;

    public bool IsMultipart => Type == "multipart";

    /// <summary>The <c>type</c> parameter of multipart/related (RFC 2387).</summary>
    /// <remarks>Some clients write it twice, the first time as multipart/related itself; that one is skipped.</remarks>
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

    /// <summary>The first parameter of that name; null if there is none.</summary>
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
    /// Reads one media type, tolerant of unquoted values with a slash and of missing values; ignores anything after a top-level comma.
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

    /// <summary>Returns the wire form: values that are no token are quoted.</summary>
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

/// <summary>
/// Reads media types from header text, more tolerant than the grammar of RFC 9110 section 5.6 because clients in the field are.
/// </summary>
internal static class MediaTypeScanner
{
    private const int MaxParameters = 32;

    /// <summary>Reads one element of a list and leaves the position at its comma or the end, also when the element is malformed.</summary>
    public static bool TryScan(ReadOnlySpan<char> text, ref int position, [NotNullWhen(true)] out MediaType? mediaType)
    {
        mediaType = null;
        SkipBlanks(text, ref position);
        string type = Token(text, ref position);
        string subtype;
        if (position < text.Length && text[position] == '/')
        {
            position++;
            subtype = Token(text, ref position);
        }
        else
        {
            // Java's URLConnection writes a bare '*' for any type.
            subtype = type == "*" ? "*" : "";
        }

        List<KeyValuePair<string, string>> parameters = [];
        bool valid = type.Length > 0 && subtype.Length > 0 && TryScanParameters(text, ref position, parameters);
        if (!valid)
        {
            SkipElement(text, ref position);
            return false;
        }

        mediaType = new MediaType(type, subtype, parameters);
        return true;
    }

    public static bool IsTokenCharacter(char character)
        => char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal);

    private static bool TryScanParameters(ReadOnlySpan<char> text, ref int position, List<KeyValuePair<string, string>> parameters)
    {
        while (true)
        {
            SkipBlanks(text, ref position);
            if (position == text.Length || text[position] == ',')
            {
                return true;
            }

            if (text[position] != ';')
            {
                return false;
            }

            position++;
            SkipBlanks(text, ref position);
            string name = Token(text, ref position);
            SkipBlanks(text, ref position);
            if (name.Length == 0 || position == text.Length || text[position] != '=')
            {
                // An empty parameter (";;", a trailing ";") or a bare word says nothing.
                continue;
            }

            position++;
            SkipBlanks(text, ref position);
            string value = position < text.Length && text[position] == '"' ? QuotedString(text, ref position) : Bare(text, ref position);
            if (parameters.Count == MaxParameters)
            {
                return false;
            }

            parameters.Add(new(name, value));
        }
    }

    private static string Token(ReadOnlySpan<char> text, ref int position)
    {
        int start = position;
        while (position < text.Length && IsTokenCharacter(text[position]))
        {
            position++;
        }

        return text[start..position].ToString().ToLowerInvariant();
    }

    private static string Bare(ReadOnlySpan<char> text, ref int position)
    {
        int start = position;
        while (position < text.Length && text[position] is not (';' or ',' or ' ' or '\t'))
        {
            position++;
        }

        return text[start..position].ToString();
    }

    private static string QuotedString(ReadOnlySpan<char> text, ref int position)
    {
        StringBuilder value = new();
        position++;
        while (position < text.Length && text[position] != '"')
        {
            if (text[position] == '\\' && position + 1 < text.Length)
            {
                position++;
            }

            value.Append(text[position++]);
        }

        position = Math.Min(position + 1, text.Length);
        return value.ToString();
    }

    private static void SkipBlanks(ReadOnlySpan<char> text, ref int position)
    {
        while (position < text.Length && text[position] is (' ' or '\t'))
        {
            position++;
        }
    }

    private static void SkipElement(ReadOnlySpan<char> text, ref int position)
    {
        while (position < text.Length && text[position] != ',')
        {
            if (text[position] == '"')
            {
                QuotedString(text, ref position);
            }
            else
            {
                position++;
            }
        }
    }
}
