using System.Security.Cryptography;
using System.Text;

namespace ImagingIngestion.Bindings.Webhook;

/// <summary>
/// Signs a request with HMAC-SHA256. Signed is the body; where the event stands in headers, these come first, one line <c>name:value</c>
/// each, names in lower case and in ordinal order, values as sent, and an empty line: headers cannot be exchanged between two events.
/// </summary>
internal static class CloudEventSignature
{
    public const string Header = "X-Signature-256";

    /// <summary>The value of the header.</summary>
    /// <param name="key">The secret that both sides know, in UTF-8.</param>
    /// <param name="headers">The headers that begin with <c>ce-</c>.</param>
    /// <param name="body">The parts of the body.</param>
    public static string Sign(byte[] key, IReadOnlyCollection<(string Name, string Value)> headers, IEnumerable<ReadOnlyMemory<byte>> body)
    {
        using IncrementalHash hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        foreach ((string name, string value) in headers.OrderBy(header => header.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"{name}:{value}\n"));
        }

        if (headers.Count > 0)
        {
            hash.AppendData("\n"u8);
        }

        foreach (ReadOnlyMemory<byte> part in body)
        {
            hash.AppendData(part.Span);
        }

        return $"sha256={Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }
}
