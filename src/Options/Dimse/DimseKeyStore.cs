namespace ImagingIngestion.Options;

/// <summary>A file with certificates.</summary>
/// <param name="File">Its path.</param>
/// <param name="IsPem">PEM, else PKCS12.</param>
/// <param name="Password">Of the PKCS12 file or of an encrypted key; null for none.</param>
public sealed record DimseKeyStore(string File, bool IsPem, string? Password)
{
    /// <summary>Without the password, which belongs in no log.</summary>
    public override string ToString() => File;
}
