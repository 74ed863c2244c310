using System.Security.Cryptography;
using System.Text;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>Entity tags: what is sent, and in which representation.</summary>
internal static class EntityTag
{
    /// <summary>A tag without quotes that differs when one of the parts does.</summary>
    public static string Of(params ReadOnlySpan<string> parts)
        => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts!))))[..32];
}
