using System.Collections.Concurrent;
using System.Text;

namespace ImagingIngestion.Dicom.CharacterSets;

/// <summary>The runtime's code pages, with U+FFFD for what they cannot decode.</summary>
internal static class CodePages
{
    internal const int ShiftJis = 932;
    internal const int Gbk = 936;
    internal const int Korean = 949;
    internal const int Big5 = 950;
    internal const int Windows1252 = 1252;
    internal const int EucJapanese = 20932;
    internal const int Gb18030 = 54936;

    private static readonly ConcurrentDictionary<int, Encoding> Known = new();

    internal static Encoding Get(int codePage) => Known.GetOrAdd(codePage, static number =>
    {
        var fallback = new DecoderReplacementFallback(GraphicSet.Undecodable.ToString());
        return CodePagesEncodingProvider.Instance.GetEncoding(number, EncoderFallback.ReplacementFallback, fallback)
            ?? Encoding.GetEncoding(number, EncoderFallback.ReplacementFallback, fallback);
    });

    /// <summary>
    /// The one character of some bytes; U+FFFD where there is none, also where the code page has only a private-use stand-in.
    /// </summary>
    internal static char DecodeOne(int codePage, ReadOnlySpan<byte> bytes)
    {
        string text = Get(codePage).GetString(bytes);
        return text.Length != 1 || text[0] is >= '\uE000' and <= '\uF8FF' ? GraphicSet.Undecodable : text[0];
    }
}
