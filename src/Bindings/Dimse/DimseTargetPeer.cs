using System.Net.Security;
using System.Security.Authentication;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Options;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Dimse;

/// <summary>Whom a C-STORE binding calls. Its certificates are read for each association, so that rotated ones take effect.</summary>
internal sealed class DimseTargetPeer(DimseBindingOptions options, TimeProvider time, ILogger logger)
{
    private readonly ClientCertificate? _own = options.Tls is { CertificateFile: { } file } tls
        ? new ClientCertificate(new ClientCertificateFiles(file, tls.KeyFile, tls.CertificatePassword), time, logger)
        : null;

    /// <exception cref="TargetException">A certificate cannot be read, or is not valid now.</exception>
    public async ValueTask<DimsePeer> CurrentAsync(CancellationToken cancellationToken) => new()
    {
        AeTitle = new AeTitle(options.CalledAeTitle),
        Host = options.Host,
        Port = options.Port,
        Tls = options.Tls is { } tls ? await ReadTlsAsync(tls, cancellationToken) : null,
    };

    private async Task<DimseTlsClientOptions> ReadTlsAsync(DimseTlsTargetOptions tls, CancellationToken cancellationToken)
    {
        SslStreamCertificateContext? own = _own is null ? null : await _own.CurrentAsync(cancellationToken);
        return new DimseTlsClientOptions
        {
            Certificate = own?.TargetCertificate,
            Intermediates = own is null ? [] : [.. own.IntermediateCertificates],
            Protocols = (tls.AllowsTls12 ? SslProtocols.Tls12 : SslProtocols.None) | (tls.AllowsTls13 ? SslProtocols.Tls13 : SslProtocols.None),
            TrustedAuthorities = tls.AuthoritiesFile is { } file ? await TrustedAuthorities.ReadAsync(file, tls.AuthoritiesPassword, cancellationToken) : null,
            SkipsVerification = tls.InsecureSkipVerify,
        };
    }
}
