using System.Text;
using System.Xml;

namespace ImagingIngestion.Dicom.Xml;

/// <summary>Makes text that XML 1.0 can hold (section 2.2 of its specification).</summary>
internal static class XmlText
{
    public static string From(ReadOnlySpan<byte> utf8) => Clean(Encoding.UTF8.GetString(utf8));

    /// <summary>Puts U+FFFD in the place of each character that XML forbids.</summary>
    public static string Clean(string text)
    {
        char[]? cleaned = null;
        for (int index = 0; index < text.Length; index++)
        {
            if (XmlConvert.IsXmlChar(text[index]))
            {
                continue;
            }

            if (index + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[index + 1], text[index]))
            {
                index++;
                continue;
            }

            cleaned ??= text.ToCharArray();
            cleaned[index] = '\uFFFD';
        }

        return cleaned is null ? text : new string(cleaned);
    }
}
