using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Reads JSON of a peer; members of an unexpected type count as missing.</summary>
internal static class FhirJson
{
    /// <summary>The length of an escape with four hexadecimal digits.</summary>
    private const int EscapeLength = 6;

    /// <summary>Returns a member of an object; undefined if there is none.</summary>
    public static JsonElement Member(JsonElement parent, string name)
        => parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement member) ? member : default;

    /// <summary>Returns a member that is text; null otherwise.</summary>
    public static string? Text(JsonElement parent, string name)
        => Member(parent, name) is { ValueKind: JsonValueKind.String } member ? member.GetString() : null;

    /// <summary>Returns the items of a member that is an array.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement parent, string name)
        => Member(parent, name) is { ValueKind: JsonValueKind.Array } member ? member.EnumerateArray() : [];

    /// <summary>Parses an answer; returns null if it is no JSON object.</summary>
    /// <remarks>Lone surrogates become U+FFFD, because no text can hold them.</remarks>
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
            // The result is null.
        }

        document?.Dispose();
        return null;
    }

    /// <summary>Returns the text with each escape of a lone surrogate replaced by that of U+FFFD, which has the same length.</summary>
    /// <exception cref="JsonException">The text is no UTF-8.</exception>
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

    /// <summary>Returns the code unit of a \u escape at the beginning of the text; 0 if there is none.</summary>
    private static int Unit(ReadOnlySpan<byte> text)
        => text.Length >= EscapeLength
            && text.StartsWith("\\u"u8)
            && Utf8Parser.TryParse(text[2..EscapeLength], out ushort unit, out int used, 'x')
            && used == EscapeLength - 2 ? unit : 0;
}

/// <summary>Writes data types of FHIR.</summary>
internal static class FhirJsonWriting
{
    /// <summary>Writes a text unless it is null: FHIR has no empty texts.</summary>
    public static void WriteText(this Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    /// <summary>Writes a number unless it is missing.</summary>
    public static void WriteUnsigned(this Utf8JsonWriter json, string name, long? value)
    {
        if (FhirText.Unsigned(value) is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    public static void WriteCoding(this Utf8JsonWriter json, string system, string code, string? display = null)
    {
        json.WriteStartObject();
        json.WriteString("system", system);
        json.WriteString("code", code);
        json.WriteText("display", display);
        json.WriteEndObject();
    }

    /// <summary>Writes the type of an identifier from HL7 table 0203.</summary>
    public static void WriteIdentifierType(this Utf8JsonWriter json, string code)
    {
        json.WriteStartObject("type");
        json.WriteStartArray("coding");
        json.WriteCoding(FhirNames.IdentifierTypes, code);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes the extension that marks a required element as unknown.</summary>
    public static void WriteUnknown(this Utf8JsonWriter json)
    {
        json.WriteStartArray("extension");
        json.WriteStartObject();
        json.WriteString("url", FhirNames.DataAbsentReason);
        json.WriteString("valueCode", "unknown");
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
