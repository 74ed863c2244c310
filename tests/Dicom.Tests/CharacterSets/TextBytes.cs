using System.Globalization;
using System.Text;
using ImagingIngestion.Dicom.CharacterSets;

namespace ImagingIngestion.Dicom.Tests.CharacterSets;

/// <summary>Makes bytes from the notation of the PS3.5 annexes.</summary>
/// <remarks>Characters stand for themselves, [ESC] for the escape byte and two hexadecimal digits in brackets for other bytes.</remarks>
internal static class TextBytes
{
    internal static byte[] Of(string text)
    {
        var bytes = new List<byte>();
        for (int index = 0; index < text.Length; index++)
        {
            int end = text[index] == '[' ? text.IndexOf(']', index) : -1;
            if (end < 0)
            {
                bytes.AddRange(Encoding.Latin1.GetBytes([text[index]]));
                continue;
            }

            foreach (string item in text[(index + 1)..end].Split(' '))
            {
                bytes.Add(item == "ESC" ? (byte)0x1B : byte.Parse(item, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            }

            index = end;
        }

        return [.. bytes];
    }

    internal static SpecificCharacterSet Set(string terms) => SpecificCharacterSet.Parse(Encoding.Latin1.GetBytes(terms));
}
