using System.Globalization;
using System.Text;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Manifest.Tests.Search;

/// <summary>Normalisation and folding against Python's, which is another implementation of the same facts.</summary>
public sealed class UnicodeTextTests
{
    private const int Texts = 20_000;

    /// <summary>Every character alone, then texts that mix letters and marks in any order.</summary>
    private const string Script = """
        import random, sys, unicodedata
        fold = lambda t: unicodedata.normalize('NFC', unicodedata.normalize('NFC', t).casefold())
        show = lambda t: ' '.join('%X' % ord(c) for c in t)
        codes = [c for c in range(0x20, sys.maxunicode + 1) if not 0xD800 <= c <= 0xDFFF and unicodedata.category(chr(c)) not in ('Cn', 'Co')]
        parts = [c for c in codes if unicodedata.combining(chr(c))] + [c for c in codes if unicodedata.decomposition(chr(c)) or chr(c).casefold() != chr(c)]
        parts += list(range(0x41, 0x7B)) + list(range(0x1100, 0x1200)) + list(range(0xAC00, 0xAE00))
        random.seed(int(sys.argv[1]))
        texts = [chr(c) for c in codes] + [''.join(chr(random.choice(parts)) for _ in range(random.randint(2, 12))) for _ in range(int(sys.argv[2]))]
        for text in texts:
            print(show(text), show(unicodedata.normalize('NFC', text)), show(fold(text)), sep='|')
        """;

    [ToolFact(Tools.Pydicom)]
    public async Task Every_character_and_any_mixture_composes_and_folds_as_in_Python()
    {
        int seed = Environment.TickCount;
        (int exitCode, string output, string error) = await ExternalProcess.RunAsync(
            Tools.Python,
            ["-c", Script, seed.ToString(CultureInfo.InvariantCulture), Texts.ToString(CultureInfo.InvariantCulture)],
            "",
            TimeSpan.FromMinutes(2));
        Assert.True(exitCode == 0, error);

        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length > 100_000);
        foreach (string line in lines)
        {
            string[] texts = [.. line.Split('|').Select(FromCodes)];
            if (UnicodeText.Compose(texts[0]) != texts[1] || UnicodeText.Fold(texts[0]) != texts[2])
            {
                Assert.Fail($"seed {seed}: {line}");
            }
        }
    }

    [Theory]
    [InlineData("ΣΊΣΥΦΟΣ", "σίσυφος")]
    [InlineData("MASSE", "Maße")]
    [InlineData("İ", "i\u0307")]
    [InlineData("\u1E9B\u0323", "ṩ")]
    public void Texts_that_differ_in_case_only_fold_alike_and_stay_as_they_are(string one, string other)
    {
        Assert.Equal(UnicodeText.Fold(one), UnicodeText.Fold(other));
        Assert.Equal(UnicodeText.Fold(one), UnicodeText.Fold(UnicodeText.Fold(one)));
    }

    private static string FromCodes(string codes)
        => codes.Split(' ').Aggregate(new StringBuilder(), (
            text,
            code) => text.Append(char.ConvertFromUtf32(int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture)))).ToString();
}
