using System.Security.Cryptography.X509Certificates;

namespace ImagingIngestion.Options;

/// <summary>
/// A file with certificates that a setting names; read at start, where an error ends the process and says which setting to change.
/// </summary>
/// <param name="Path">PEM or PKCS12; its content says which.</param>
/// <param name="Password">Of the PKCS12 file or of an encrypted key; null for none.</param>
/// <param name="Setting">Named the file.</param>
public sealed record CertificateFile(string Path, string? Password, Setting Setting)
{
    /// <summary>Our certificate with its key.</summary>
    /// <exception cref="InvalidDataException">The file cannot be used.</exception>
    public OwnCertificate ReadOwn() => Read(content => CertificateReader.ReadOwn(content, key: null, Password));

    /// <summary>The authorities to trust.</summary>
    /// <exception cref="InvalidDataException">The file cannot be used.</exception>
    public X509Certificate2Collection ReadAuthorities() => Read(content => CertificateReader.ReadAuthorities(content, Password));

    /// <summary>Without the password, which belongs in no log.</summary>
    public override string ToString() => Path;

    private T Read<T>(Func<byte[], T> read)
    {
        try
        {
            return read(SmallFile.Read(Path));
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"The certificates in {Path} cannot be used: {exception.Message}. Change the file, or set "
                + $"{Setting.Names} and the setting of its password.", exception);
        }
    }
}
