using System.Globalization;
using System.Text;

namespace ImagingIngestion.Manifest.Search;

/// <summary>Normalises and folds text by Unicode (UAX #15, section 3.13 of the core specification).</summary>
/// <remarks>
/// The services run without the ICU library: there <see cref="string.Normalize()"/> returns its input, and full case folding does not
/// exist.
/// </remarks>
internal static partial class UnicodeText
{
    /// <summary>Below it no character decomposes, combines or is reordered.</summary>
    private const char FirstUnstable = '\u0300';

    private const int HangulFirst = 0xAC00;
    private const int HangulLeads = 0x1100;
    private const int HangulVowels = 0x1161;
    private const int HangulTails = 0x11A7;
    private const int HangulLeadCount = 19;
    private const int HangulVowelCount = 21;
    private const int HangulTailCount = 28;

    /// <summary>Voicing marks: without them a kana is another letter.</summary>
    private const int KanaVoicing = 0x3099;
    private const int KanaHalfVoicing = 0x309A;

    private static readonly Dictionary<(int First, int Second), int> Compositions = ReadCompositions();

    /// <summary>Latin letters that Unicode does not decompose, with their usual replacement in names.</summary>
    private static readonly Dictionary<int, string> PlainLetters = new()
    {
        ['æ'] = "ae", ['ð'] = "d", ['ø'] = "o", ['þ'] = "th", ['đ'] = "d", ['ħ'] = "h", ['ı'] = "i", ['ĳ'] = "ij", ['ĸ'] = "k",
        ['ŀ'] = "l", ['ł'] = "l",
        ['ŋ'] = "n", ['œ'] = "oe", ['ŧ'] = "t",
    };

    /// <summary>Returns Normalization Form C.</summary>
    public static string Compose(string text)
        => text.AsSpan().IndexOfAnyInRange(FirstUnstable, char.MaxValue) < 0 ? text : ToText(Recompose(Decompose(text)));

    /// <summary>
    /// Returns the form in which texts are equal that differ only in case: full case folding (mappings C and F) between two compositions.
    /// </summary>
    public static string Fold(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.ToLowerInvariant();
        }

        StringBuilder folded = new(text.Length);
        foreach (Rune rune in Compose(text).EnumerateRunes())
        {
            AppendFolded(folded, rune.Value);
        }

        return Compose(folded.ToString());
    }

    /// <summary>Returns folded text without accents and vowel points, Latin letters in their plain form.</summary>
    public static string ToPlain(string text)
    {
        string folded = Fold(text);
        if (Ascii.IsValid(folded))
        {
            return folded;
        }

        List<int> plain = Decompose(folded);
        plain.RemoveAll(code => code is not (KanaVoicing or KanaHalfVoicing) && IsMark(code));
        StringBuilder letters = new(plain.Count);
        foreach (int code in Recompose(plain))
        {
            letters.Append(PlainLetters.TryGetValue(code, out string? letter) ? letter : char.ConvertFromUtf32(code));
        }

        return letters.ToString();
    }

    /// <summary>Returns whether the character belongs to the letter before it.</summary>
    private static bool IsMark(int code)
        => CharUnicodeInfo.GetUnicodeCategory(
            code) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    private static void AppendFolded(StringBuilder folded, int code)
    {
        if (FindRow(FullFoldings, 4, code) is int full and >= 0 && FullFoldings[full] == code)
        {
            for (int index = full + 1; index < full + 4 && FullFoldings[index] != 0; index++)
            {
                folded.Append(char.ConvertFromUtf32(FullFoldings[index]));
            }

            return;
        }

        bool isFolded = FindRow(SimpleFoldings, 4, code) is int run and >= 0 && code <= SimpleFoldings[run + 1]
            && (code - SimpleFoldings[run]) % SimpleFoldings[run + 2] == 0;
        folded.Append(char.ConvertFromUtf32(isFolded ? code + SimpleFoldings[FindRow(SimpleFoldings, 4, code) + 3] : code));
    }

    /// <summary>Returns Normalization Form D.</summary>
    private static List<int> Decompose(string text)
    {
        List<int> codes = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            AppendDecomposed(codes, rune.Value);
        }

        Order(codes);
        return codes;
    }

    private static void AppendDecomposed(List<int> codes, int code)
    {
        int hangul = code - HangulFirst;
        if (hangul is >= 0 and < HangulLeadCount * HangulVowelCount * HangulTailCount)
        {
            codes.Add(HangulLeads + (hangul / (HangulVowelCount * HangulTailCount)));
            codes.Add(HangulVowels + (hangul / HangulTailCount % HangulVowelCount));
            if (hangul % HangulTailCount > 0)
            {
                codes.Add(HangulTails + (hangul % HangulTailCount));
            }
        }
        else if (FindRow(Decompositions, 4, code) is int row and >= 0 && Decompositions[row] == code)
        {
            AppendDecomposed(codes, Decompositions[row + 1]);
            if (Decompositions[row + 2] != 0)
            {
                AppendDecomposed(codes, Decompositions[row + 2]);
            }
        }
        else
        {
            codes.Add(code);
        }
    }

    /// <summary>Sorts each run of marks by their classes; marks of one class keep their order.</summary>
    private static void Order(List<int> codes)
    {
        for (int start = 0; start < codes.Count; start++)
        {
            int end = start;
            while (end < codes.Count && CombiningClass(codes[end]) != 0)
            {
                end++;
            }

            if (end - start > 1)
            {
                int[] marks = [.. codes.GetRange(start, end - start).OrderBy(CombiningClass)];
                for (int index = 0; index < marks.Length; index++)
                {
                    codes[start + index] = marks[index];
                }
            }

            start = Math.Max(start, end - 1);
        }
    }

    /// <summary>Composes decomposed and ordered characters.</summary>
    private static List<int> Recompose(List<int> codes)
    {
        List<int> composed = new(codes.Count);
        int starter = -1;
        int lastClass = -1;
        foreach (int code in codes)
        {
            int kind = CombiningClass(code);
            bool isReachable = starter >= 0 && (lastClass < kind || lastClass == -1);
            if (isReachable && TryCompose(composed[starter], code) is { } whole)
            {
                composed[starter] = whole;
                continue;
            }

            composed.Add(code);
            starter = kind == 0 ? composed.Count - 1 : starter;
            lastClass = kind == 0 ? -1 : kind;
        }

        return composed;
    }

    private static int? TryCompose(int first, int second)
    {
        int lead = first - HangulLeads;
        int vowel = second - HangulVowels;
        if (lead is >= 0 and < HangulLeadCount && vowel is >= 0 and < HangulVowelCount)
        {
            return HangulFirst + (((lead * HangulVowelCount) + vowel) * HangulTailCount);
        }

        int syllable = first - HangulFirst;
        int tail = second - HangulTails;
        bool isOpen = syllable is >= 0 and < HangulLeadCount * HangulVowelCount * HangulTailCount && syllable % HangulTailCount == 0;
        if (isOpen && tail is > 0 and < HangulTailCount)
        {
            return first + tail;
        }

        return Compositions.TryGetValue((first, second), out int whole) ? whole : null;
    }

    private static int CombiningClass(int code)
        => code >= FirstUnstable && FindRow(CombiningClasses, 3, code) is int row and >= 0 && code <= CombiningClasses[row + 1]
            ? CombiningClasses[row + 2]
            : 0;

    /// <summary>Returns the index of the last row that begins at or before the code; -1 if all begin after it.</summary>
    private static int FindRow(ReadOnlySpan<int> table, int width, int code)
    {
        int low = 0;
        int high = (table.Length / width) - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (table[middle * width] <= code)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high * width;
    }

    private static Dictionary<(int First, int Second), int> ReadCompositions()
    {
        Dictionary<(int First, int Second), int> compositions = [];
        for (int row = 0; row < Decompositions.Length; row += 4)
        {
            if (Decompositions[row + 3] == 1)
            {
                compositions.Add((Decompositions[row + 1], Decompositions[row + 2]), Decompositions[row]);
            }
        }

        return compositions;
    }

    private static string ToText(List<int> codes)
    {
        StringBuilder text = new(codes.Count);
        foreach (int code in codes)
        {
            text.Append(char.ConvertFromUtf32(code));
        }

        return text.ToString();
    }
}
