using System.Text;

namespace ImagingIngestion.Gateways.Qido;

/// <summary>Reads the parameters of a raw query string in their order, percent-decoded as UTF-8 with '+' as space.</summary>
/// <remarks>The framework's own parser hides escapes that are not UTF-8.</remarks>
internal static class QueryParameters
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads the parameters; returns false if an escape is malformed or the bytes are not UTF-8.</summary>
    public static bool TryParse(string? raw, out IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        var found = new List<KeyValuePair<string, string>>();
        parameters = found;
        foreach (string pair in (raw ?? "").TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=');
            ReadOnlySpan<char> name = equals < 0 ? pair : pair.AsSpan(0, equals);
            ReadOnlySpan<char> value = equals < 0 ? "" : pair.AsSpan(equals + 1);
            if (!TryDecode(name, out string decodedName) || !TryDecode(value, out string decodedValue))
            {
                return false;
            }

            found.Add(new(decodedName, decodedValue));
        }

        return true;
    }

    private static bool TryDecode(ReadOnlySpan<char> text, out string decoded)
    {
        decoded = "";
        var bytes = new byte[text.Length * 3];
        int count = 0;
        for (int index = 0; index < text.Length; index++)
        {
            switch (text[index])
            {
                case '+':
                    bytes[count++] = (byte)' ';
                    break;
                case '%' when index + 2 < text.Length && char.IsAsciiHexDigit(text[index + 1]) && char.IsAsciiHexDigit(text[index + 2]):
                    bytes[count++] = Convert.FromHexString(text.Slice(index + 1, 2))[0];
                    index += 2;
                    break;
                case '%':
                    return false;
                default:
                    int width = char.IsHighSurrogate(text[index]) && index + 1 < text.Length ? 2 : 1;
                    count += Encoding.UTF8.GetBytes(text.Slice(index, width), bytes.AsSpan(count));
                    index += width - 1;
                    break;
            }
        }

        try
        {
            decoded = StrictUtf8.GetString(bytes, 0, count);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
