namespace ImagingIngestion.Manifest.Identity;

/// <summary>
/// SHA-256 over the transfer syntax UID and the stored data set bytes, without preamble and file meta: defines "same content".
/// </summary>
public readonly record struct ContentHash
{
    private readonly string? _hex;

    private ContentHash(string hex) => _hex = hex;

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public string Hex => _hex ?? "";

    public static ContentHash FromBytes(ReadOnlySpan<byte> digest)
        => digest.Length == 32
            ? new(Convert.ToHexStringLower(digest))
            : throw new ArgumentException("A SHA-256 digest has 32 bytes.", nameof(digest));

    public static ContentHash FromHex(string hex) => FromBytes(Convert.FromHexString(hex));

    public override string ToString() => Hex;
}
