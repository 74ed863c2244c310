using System.Text;

namespace ImagingIngestion.Dicom;

/// <summary>Encodes text where no escape sequences are needed: ASCII with one more single-byte set, or an encoding without code extensions.</summary>
internal sealed class CharacterSetEncoder
{
    private readonly Encoding? _encoding;
    private readonly Dictionary<char, byte> _upper = [];

    public CharacterSetEncoder(GraphicSet? upper, Encoding? encoding)
    {
        _encoding = encoding;
        for (int code = 0x20; upper is not null && code <= 0x7F; code++)
        {
            _upper.TryAdd(upper[code], (byte)(code | 0x80));
        }

        _upper.Remove(GraphicSet.Undecodable);
    }

    /// <summary>Null when a character is not in the set.</summary>
    public byte[]? TryEncode(string text)
    {
        if (_encoding is not null)
        {
            byte[] encoded = _encoding.GetBytes(text);
            return _encoding.GetString(encoded) == text ? encoded : null;
        }

        byte[] bytes = new byte[text.Length];
        for (int index = 0; index < text.Length; index++)
        {
            char character = text[index];
            if (!char.IsAscii(character) && !_upper.ContainsKey(character))
            {
                return null;
            }

            bytes[index] = char.IsAscii(character) ? (byte)character : _upper[character];
        }

        return bytes;
    }
}
