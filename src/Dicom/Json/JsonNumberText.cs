namespace ImagingIngestion.Dicom.Json;

/// <summary>Tells whether text is a number by the grammar of RFC 8259 section 6, so that it can be written unquoted and unchanged.</summary>
internal static class JsonNumberText
{
    // Longer than any decimal string (PS3.5: 16 characters) and short enough for every JSON reader.
    private const int MaxLength = 32;

    public static bool IsNumber(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > MaxLength)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[0] == '-' ? text[1..] : text;
        int whole = CutDigits(ref rest, out bool startsWithZero);
        if (whole == 0 || (startsWithZero && whole > 1))
        {
            return false;
        }

        if (rest is [(byte)'.', ..])
        {
            rest = rest[1..];
            if (CutDigits(ref rest, out _) == 0)
            {
                return false;
            }
        }

        if (rest is [(byte)'e' or (byte)'E', ..])
        {
            rest = rest is [_, (byte)'+' or (byte)'-', ..] ? rest[2..] : rest[1..];
            if (CutDigits(ref rest, out _) == 0)
            {
                return false;
            }
        }

        return rest.IsEmpty;
    }

    private static int CutDigits(ref ReadOnlySpan<byte> rest, out bool startsWithZero)
    {
        startsWithZero = rest is [(byte)'0', ..];
        int count = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        count = count < 0 ? rest.Length : count;
        rest = rest[count..];
        return count;
    }
}
