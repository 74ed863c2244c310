using System.Globalization;
using System.Text;

namespace ImagingIngestion.Bindings.Webhook;

/// <summary>Writes a value as a header of the HTTP binding (CloudEvents HTTP binding 1.0, section 3.1.3.2).</summary>
internal static class CloudEventHeader
{
    /// <summary>Spaces, double quotes, percent signs and all that is not printable ASCII are percent-encoded as UTF-8.</summary>
    public static string Encode(string value)
    {
        StringBuilder encoded = new(value.Length);
        Span<byte> bytes = stackalloc byte[4];
        foreach (Rune rune in value.EnumerateRunes())
        {
            if (rune.Value is > ' ' and < 0x7F and not ('"' or '%'))
            {
                encoded.Append((char)rune.Value);
                continue;
            }

            foreach (byte octet in bytes[..rune.EncodeToUtf8(bytes)])
            {
                encoded.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return encoded.ToString();
    }
}
