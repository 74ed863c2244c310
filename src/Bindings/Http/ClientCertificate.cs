using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImagingIngestion.Settings;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Http;

/// <summary>The certificate that a binding shows to its target.</summary>
/// <remarks>
/// Its files are read for each request, and loaded again when their content has changed. Open connections keep the old one for at most
/// their lifetime in the pool.
/// </remarks>
internal sealed partial class ClientCertificate(ClientCertificateFiles files, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan WarnBefore = TimeSpan.FromDays(14);

    private readonly Lock _gate = new();
    private readonly string _file = files.Certificate;
    private readonly ILogger _logger = logger;
    private byte[] _digest = [];
    private SslStreamCertificateContext? _context;

    /// <summary>Returns the certificate with the intermediates in its file.</summary>
    /// <exception cref="TargetException">The certificate cannot be read, or is not valid now.</exception>
    public async Task<SslStreamCertificateContext> CurrentAsync(CancellationToken cancellationToken)
    {
        byte[] file = await TargetFile.ReadAsync(_file, "the client certificate", cancellationToken);
        byte[]? key = files.Key is { } path ? await TargetFile.ReadAsync(path, "the client key", cancellationToken) : null;
        byte[] digest = SHA256.HashData([.. SHA256.HashData(file), .. SHA256.HashData(key ?? [])]);
        SslStreamCertificateContext context;
        lock (_gate)
        {
            if (_context is null || !digest.AsSpan().SequenceEqual(_digest))
            {
                _context = Load(file, key);
                _digest = digest;
                WarnOfEnd(_context.TargetCertificate);
            }

            context = _context;
        }

        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset end = End(context.TargetCertificate);
        return end < now
            ? throw new TargetException($"The client certificate ({_file}) has expired on {end:yyyy-MM-dd HH:mm:ss}Z; renew it, it is read "
                + "again when the file changes.")
            : context;
    }

    private static DateTimeOffset End(X509Certificate2 certificate) => new(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero);

    private SslStreamCertificateContext Load(byte[] file, byte[]? key)
    {
        try
        {
            OwnCertificate own = CertificateReader.ReadOwn(file, key, files.Password);
            return SslStreamCertificateContext.Create(own.Certificate, own.Intermediates, offline: true);
        }
        catch (InvalidDataException exception)
        {
            throw new TargetException($"The client certificate ({_file}) cannot be used: {exception.Message}; PEM with its key, here or in "
                + "a file of its own, or PKCS12, and the right password are expected.", exception);
        }
    }

    private void WarnOfEnd(X509Certificate2 certificate)
    {
        if (End(certificate) - time.GetUtcNow() < WarnBefore)
        {
            LogEndsSoon(_file, End(certificate));
        }
    }

    [LoggerMessage(6103, LogLevel.Warning, "The client certificate {File} ends on {End:u}; nothing is delivered with it after that")]
    private partial void LogEndsSoon(string file, DateTimeOffset end);
}

/// <summary>The files of a client certificate.</summary>
/// <param name="Certificate">PEM or PKCS12.</param>
/// <param name="Key">The private key in PEM if it is not in <paramref name="Certificate"/>.</param>
/// <param name="Password">The password of a PKCS12 file or of an encrypted key.</param>
internal sealed record ClientCertificateFiles(string Certificate, string? Key, string? Password);
