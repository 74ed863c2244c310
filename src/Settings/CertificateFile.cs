using System.Security.Cryptography.X509Certificates;

namespace ImagingIngestion.Settings;

/// <summary>A file with certificates that a setting names.</summary>
/// <remarks>It is read at start: an error ends the process and says which setting to change.</remarks>
/// <param name="Path">PEM or PKCS12; the content says which.</param>
/// <param name="Password">The password of the PKCS12 file or of an encrypted key; null for none.</param>
/// <param name="Setting">The setting that named the file.</param>
public sealed record CertificateFile(string Path, string? Password, Setting Setting)
{
    /// <summary>Reads our certificate and its key.</summary>
    /// <exception cref="InvalidDataException">The file cannot be used.</exception>
    public OwnCertificate ReadOwn() => Read(content => CertificateReader.ReadOwn(content, key: null, Password));

    /// <summary>Reads the authorities to trust.</summary>
    /// <exception cref="InvalidDataException">The file cannot be used.</exception>
    public X509Certificate2Collection ReadAuthorities() => Read(content => CertificateReader.ReadAuthorities(content, Password));

    /// <summary>Returns the path alone: the password belongs in no log.</summary>
    public override string ToString() => Path;

    private T Read<T>(Func<byte[], T> read)
    {
        try
        {
            return read(SmallFile.Read(Path));
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException(
                $"The certificates in {Path} cannot be used: {exception.Message}. Change the file, or set {Setting.Names} and the setting "
                    + "of its password.",
                exception);
        }
    }
}
