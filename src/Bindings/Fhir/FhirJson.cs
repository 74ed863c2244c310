using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Reads JSON of a peer: what is not as it should be is as if it were not there.</summary>
internal static class FhirJson
{
    /// <summary>Of an escape with four hexadecimal digits.</summary>
    private const int EscapeLength = 6;

    /// <summary>A member of an object; undefined when there is none.</summary>
    public static JsonElement Member(JsonElement parent, string name)
        => parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement member) ? member : default;

    /// <summary>A member that is text, else null.</summary>
    public static string? Text(JsonElement parent, string name)
        => Member(parent, name) is { ValueKind: JsonValueKind.String } member ? member.GetString() : null;

    /// <summary>The items of a member that is an array.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement parent, string name)
        => Member(parent, name) is { ValueKind: JsonValueKind.Array } member ? member.EnumerateArray() : [];

    /// <summary>
    /// Reads an answer; null when it is no JSON object. Halves of surrogate pairs become U+FFFD: nothing could keep them.
    /// </summary>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> body)
    {
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(WithWholeCharacters(body));
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }
        }
        catch (JsonException)
        {
            // Said by the null.
        }

        document?.Dispose();
        return null;
    }

    /// <summary>The text with each escape of half a surrogate pair replaced by that of U+FFFD, which is as long.</summary>
    /// <exception cref="JsonException">It is no UTF-8.</exception>
    private static ReadOnlyMemory<byte> WithWholeCharacters(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
        {
            throw new JsonException("The text is no UTF-8.");
        }

        byte[]? mended = null;
        for (int at = body.Span.IndexOf((byte)'\\'); at >= 0 && at + 1 < body.Length;)
        {
            ReadOnlySpan<byte> text = body.Span;
            int unit = Unit(text[at..]);
            bool isPair = char.IsHighSurrogate((char)unit) && char.IsLowSurrogate((char)Unit(text[(at + EscapeLength)..]));
            if (char.IsSurrogate((char)unit) && !isPair)
            {
                mended ??= body.ToArray();
                "\\uFFFD"u8.CopyTo(mended.AsSpan(at));
            }

            int next = at + (isPair ? 2 * EscapeLength : unit > 0 ? EscapeLength : 2);
            int following = next < text.Length ? text[next..].IndexOf((byte)'\\') : -1;
            at = following < 0 ? -1 : next + following;
        }

        return mended ?? body;
    }

    /// <summary>The code unit of an escape that begins the text; 0 where it is another one, or none.</summary>
    private static int Unit(ReadOnlySpan<byte> text)
        => text.Length >= EscapeLength
            && text.StartsWith("\\u"u8)
            && Utf8Parser.TryParse(text[2..EscapeLength], out ushort unit, out int used, 'x')
            && used == EscapeLength - 2 ? unit : 0;
}
