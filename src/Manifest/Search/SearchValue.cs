using System.Globalization;
using System.Text;

namespace ImagingIngestion.Manifest.Search;

/// <summary>The normal forms in which values and search keys are compared.</summary>
/// <remarks>Both are normalised here, and every form is its own normal form.</remarks>
public static class SearchValue
{
    /// <summary>The most characters of an index column.</summary>
    /// <remarks>Longer values are not found; none is cut, because a cut value would match the key of another.</remarks>
    public const int MaxColumnLength = 16_384;

    /// <summary>Separates and encloses values where a column holds several; no normal form contains it.</summary>
    public const char Delimiter = '\u001F';

    /// <summary>Normalises text: composed (Unicode NFC), trimmed of spaces, without control characters and lone surrogates.</summary>
    public static string NormaliseText(string text) => UnicodeText.Compose(Clean(text));

    /// <summary>Returns a UID without its padding.</summary>
    public static string NormaliseUid(string text) => Clean(text);

    /// <summary>Returns DA as yyyyMMdd, also from the retired yyyy.MM.dd (PS3.5 section 6.2); null if it is no date.</summary>
    public static string? NormaliseDate(string text)
    {
        string date = text.Trim(' ', '\0');
        if (date.Length == 10 && date[4] == '.' && date[7] == '.')
        {
            date = string.Concat(date.AsSpan(0, 4), date.AsSpan(5, 2), date.AsSpan(8, 2));
        }

        return date.Length == 8 && AreDigits(date) && IsBetween(date.AsSpan(4, 2), 1, 12) && IsBetween(date.AsSpan(6, 2), 1, 31)
            ? date
            : null;
    }

    /// <summary>Returns TM as HHmmss.ffffff with missing parts as zeros, also from the retired HH:mm:ss; null if it is no time.</summary>
    public static string? NormaliseTime(string text) => PadTime(text, "000000.000000");

    /// <summary>
    /// As <see cref="NormaliseTime"/> with missing parts at their latest: the inclusive end of a short form such as <c>12</c>.
    /// </summary>
    public static string? NormaliseTimeEnd(string text) => PadTime(text, "235959.999999");

    /// <summary>Returns IS as a number; null if it is none, or has more than the twelve characters of the VR.</summary>
    public static long? NormaliseInteger(string text)
    {
        string number = text.Trim(' ', '\0');
        return number.Length <= 12 && long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : null;
    }

    /// <summary>
    /// Normalises one component group of a PN: case folded, components trimmed, empty trailing components dropped (PS3.5 section 6.2.1).
    /// </summary>
    /// <remarks>Wildcards stay.</remarks>
    public static string NormaliseNameGroup(string group)
    {
        string[] components = UnicodeText.Fold(Clean(group)).Split('^');
        string name = string.Join('^', components.Select(component => component.Trim(' '))).TrimEnd('^');
        return name;
    }

    /// <summary>Returns the non-empty component groups of a PN in normal form: alphabetic, ideographic, phonetic.</summary>
    public static IReadOnlyList<string> NormaliseName(string name)
        => [.. name.Split('=').Take(3).Select(NormaliseNameGroup).Where(group => group.Length > 0)];

    /// <summary>
    /// Returns the words of a name for fuzzy matching: case folded, without accents, separated at everything but letters, marks and digits.
    /// </summary>
    public static IReadOnlyList<string> NameWords(string name)
    {
        List<string> words = [];
        StringBuilder word = new();
        foreach (char character in UnicodeText.ToPlain(Clean(name)))
        {
            if (char.IsLetterOrDigit(character)
                || char.IsSurrogate(character)
                || char.GetUnicodeCategory(character) == UnicodeCategory.NonSpacingMark)
            {
                word.Append(character);
            }
            else
            {
                Flush(words, word);
            }
        }

        Flush(words, word);
        return [.. words.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Normalises by kind; returns null if the text is no value of the kind. A name yields its first component group.</summary>
    public static string? Normalise(SearchAttributeKind kind, string text) => kind switch
    {
        SearchAttributeKind.Date => NormaliseDate(text),
        SearchAttributeKind.Time => NormaliseTime(text),
        SearchAttributeKind.Integer => NormaliseInteger(text)?.ToString(CultureInfo.InvariantCulture),
        SearchAttributeKind.PersonName => NormaliseName(text).FirstOrDefault() ?? "",
        SearchAttributeKind.Uid => NormaliseUid(text),
        _ => NormaliseText(text),
    };

    /// <summary>Joins several values for one column, each enclosed by <see cref="Delimiter"/>; null for none.</summary>
    /// <remarks>Values that exceed <paramref name="maxLength"/> characters are left out.</remarks>
    public static string? Enclose(IEnumerable<string> values, int maxLength = MaxColumnLength)
    {
        StringBuilder column = new();
        foreach (string value in values.Where(value => value.Length > 0).Distinct(StringComparer.Ordinal))
        {
            if (column.Length + value.Length + 2 <= maxLength)
            {
                column.Append(column.Length == 0 ? Delimiter.ToString() : "").Append(value).Append(Delimiter);
            }
        }

        return column.Length == 0 ? null : column.ToString();
    }

    private static void Flush(List<string> words, StringBuilder word)
    {
        if (word.Length > 0)
        {
            words.Add(word.ToString());
            word.Clear();
        }
    }

    private static string? PadTime(string text, string padding)
    {
        string time = text.Trim(' ', '\0').Replace(":", "", StringComparison.Ordinal);
        int point = time.IndexOf('.', StringComparison.Ordinal);
        string whole = point < 0 ? time : time[..point];
        string fraction = point < 0 ? "" : time[(point + 1)..];
        if (whole.Length is not (2 or 4 or 6)
            || (point >= 0 && whole.Length != 6)
            || fraction.Length > 6
            || !AreDigits(whole)
            || !AreDigits(fraction))
        {
            return null;
        }

        string padded = string.Concat(whole, padding.AsSpan(whole.Length, 7 - whole.Length), fraction, padding.AsSpan(7 + fraction.Length));
        return IsBetween(padded.AsSpan(0, 2), 0, 23) && IsBetween(padded.AsSpan(2, 2), 0, 59) && IsBetween(padded.AsSpan(4, 2), 0, 60)
            ? padded
            : null;
    }

    private static bool AreDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');

    private static bool IsBetween(ReadOnlySpan<char> digits, int low, int high)
        => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) is int value && value >= low && value <= high;

    private static string Clean(string text)
    {
        StringBuilder clean = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!Rune.IsControl(rune) && (clean.Length > 0 || rune.Value != ' '))
            {
                clean.Append(rune.ToString());
            }
        }

        return clean.ToString().TrimEnd(' ');
    }
}
