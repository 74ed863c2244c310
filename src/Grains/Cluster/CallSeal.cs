using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ImagingIngestion.Grains.Cluster;

/// <summary>
/// Proves to a silo that a call comes from this cluster, and to the caller that the answer comes from the silo that it called (HMAC-SHA256
/// under the shared key). Calls and answers begin differently, so that neither can stand for the other; an answer names the nonce of its
/// call.
/// </summary>
/// <param name="key">The shared secret.</param>
public sealed class CallSeal(string key)
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);

    /// <summary>The seal of a call.</summary>
    public string Of(CallHead head) => Sign(
        string.Create(
            CultureInfo.InvariantCulture,
            $"imaging-call-1\nPOST\n{head.Path}\n{head.Silo}\n{head.Nonce}\n{head.Deadline}\n{(head.IsForwarded
                ? 1
                : 0)}\n{head.BodyHash}"));

    /// <summary>The seal of an answer.</summary>
    /// <param name="nonce">That of the call.</param>
    /// <param name="clock">Milliseconds of the silo's clock.</param>
    /// <param name="bodyHash">Of the answer's body, as <see cref="HashOf"/> gives it.</param>
    public string OfAnswer(string nonce, long clock, string bodyHash)
        => Sign(string.Create(CultureInfo.InvariantCulture, $"imaging-answer-1\n{nonce}\n{clock}\n{bodyHash}"));

    /// <summary>SHA-256 in lower-case hexadecimal digits.</summary>
    public static string HashOf(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));

    /// <summary>Compares in a time that tells nothing about where two seals differ.</summary>
    public static bool AreEqual(string? left, string right)
        => left is not null && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(left), Encoding.ASCII.GetBytes(right));

    private string Sign(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)));
}
