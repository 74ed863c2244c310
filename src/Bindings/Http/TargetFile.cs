using System.Security.Cryptography.X509Certificates;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Settings;

namespace ImagingIngestion.Bindings.Http;

/// <summary>Reads files of tokens, certificates and keys whenever they are needed, because they are rotated.</summary>
/// <remarks>
/// A fault of a file fails the call. All bindings share the threads: a disk that hangs delays only those that need its files.
/// </remarks>
internal static class TargetFile
{
    private static readonly DiskThreads Threads = new("disk target", threads: 4, maxWaiting: 512);

    /// <exception cref="TargetException">The file cannot be read, or has other content.</exception>
    public static async Task<byte[]> ReadAsync(string path, string what, CancellationToken cancellationToken)
    {
        try
        {
            return await Threads.BeginAsync(() => SmallFile.Read(path), cancellationToken);
        }
        catch (Exception exception) when (exception is InvalidDataException or ObjectStoreException)
        {
            throw new TargetException($"The file of {what} ({path}) cannot be used: {exception.Message.TrimEnd('.')}.", exception);
        }
    }
}

/// <summary>
/// Reads the certificates that a binding trusts for its target; for each connection, because authorities are rotated too.
/// </summary>
internal static class TrustedAuthorities
{
    /// <exception cref="TargetException">The file cannot be read, or has no certificate.</exception>
    public static async Task<X509Certificate2Collection> ReadAsync(string file, string? password, CancellationToken cancellationToken)
    {
        byte[] content = await TargetFile.ReadAsync(file, "the authorities", cancellationToken);
        try
        {
            return CertificateReader.ReadAuthorities(content, password);
        }
        catch (InvalidDataException exception)
        {
            throw new TargetException($"The CA file ({file}) cannot be used: {exception.Message}; certificates in PEM, or PKCS12 and the "
                + "right password, are expected.", exception);
        }
    }
}
