using System.Globalization;
using ImagingIngestion.Grains.Cluster;
using Microsoft.Extensions.Primitives;

namespace ImagingIngestion.Silo.Cluster;

/// <summary>Reads what a call says beside its body; what is not exactly in its form is none.</summary>
internal static class CallHeadReader
{
    private const int NonceDigits = 32;
    private const int HashDigits = 64;
    private const int MaxSilo = 64;

    /// <summary>Null when it is no call.</summary>
    public static CallHead? Read(HttpRequest request)
    {
        string silo = Value(request, CallHead.SiloHeader);
        string nonce = Value(request, CallHead.NonceHeader);
        string forwarded = Value(request, CallHead.ForwardedHeader);
        string bodyHash = Value(request, CallHead.BodyHashHeader);
        bool isCall =
            long.TryParse(Value(request, CallHead.DeadlineHeader), NumberStyles.None, CultureInfo.InvariantCulture, out long deadline)
            && silo.Length is > 0 and <= MaxSilo && IsHex(nonce, NonceDigits) && IsHex(bodyHash, HashDigits) && forwarded is "0" or "1";
        return isCall ? new CallHead(request.Path.Value ?? "", silo, nonce, deadline, forwarded == "1", bodyHash) : null;
    }

    public static string Value(HttpRequest request, string name)
        => request.Headers.TryGetValue(name, out StringValues values) && values.Count == 1 ? values[0] ?? "" : "";

    private static bool IsHex(string text, int digits) => text.Length == digits && text.All(char.IsAsciiHexDigitLower);
}
