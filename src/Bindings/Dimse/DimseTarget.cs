using System.Net.Security;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Source;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Dimse;

/// <summary>Delivers instances by C-STORE (PS3.4 annex B).</summary>
/// <remarks>
/// Each instance passes from the WADO-RS endpoint of its storage space to the target and is never held in memory. It keeps its stored
/// encoding if the target accepts that. All deliveries share a few associations.
/// </remarks>
public sealed partial class DimseTarget : IDeliveryTarget
{
    /// <summary>After so many consecutive faults the rest of a call is not tried.</summary>
    private const int FaultsInRow = 2;

    private static readonly TimeSpan ExamineTimeout = TimeSpan.FromSeconds(10);

    private readonly DimseBindingOptions _options;
    private readonly InstanceSource _source;
    private readonly DimseTargetPeer _peer;
    private readonly AssociationRequestor _requestor;
    private readonly AssociationPool _pool;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="options">The options of the binding.</param>
    /// <param name="source">Calls the WADO-RS endpoints inside the cluster; its owner disposes it.</param>
    /// <param name="spaces">Knows these endpoints.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Creates the loggers.</param>
    public DimseTarget(DimseBindingOptions options, HttpClient source, IStorageSpaces spaces, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _time = time;
        _logger = loggers.CreateLogger<DimseTarget>();
        _source = new InstanceSource(source, spaces, time);
        _peer = new DimseTargetPeer(options, time, _logger);
        AssociationOptions times = new()
        {
            ConnectTimeout = options.ConnectTimeout,
            ReceiveTimeout = options.IdleTimeout,
            SendTimeout = options.IdleTimeout,
            ResponseTimeout = options.ResponseTimeout,
            IdleTimeout = options.AssociationIdleTimeout * 2,
        };
        AssociationPoolOptions limits = new() { MaxAssociations = options.Associations, IdleTimeout = options.AssociationIdleTimeout };
        _requestor = new AssociationRequestor(times, time, loggers.CreateLogger<AssociationRequestor>());
        _pool = new AssociationPool(_peer.CurrentAsync, CallingAeTitle, _requestor, limits, time);
        if (options.Tls is { InsecureSkipVerify: true })
        {
            LogInsecure(_logger, Name);
        }
    }

    /// <summary>Small, so that the recorded results lag little behind what the target has.</summary>
    public int BatchSize => 10;

    private AeTitle CallingAeTitle => new(_options.CallingAeTitle);

    /// <summary>The name of the target in messages.</summary>
    private string Name => $"{_options.CalledAeTitle} at {_options.Host}:{_options.Port}";

    public async Task ExamineAsync(CancellationToken cancellationToken)
    {
        using Deadline deadline = new(ExamineTimeout, _time, cancellationToken);
        try
        {
            AssociationRequest request = new()
            {
                CallingAeTitle = CallingAeTitle,
                CalledAeTitle = new AeTitle(_options.CalledAeTitle),
                PresentationContexts = [new ProposedContext(1, VerificationScu.SopClassUid, [TransferSyntax.ImplicitVRLittleEndian.Uid])],
            };
            await using Association association =
                await _requestor.RequestAsync(await _peer.CurrentAsync(deadline.Token), request, deadline.Token);
            DimseStatus status = await VerificationScu.EchoAsync(association, deadline.Token);
            if (!status.IsSuccess)
            {
                LogExamined(_logger, Name, $"it answered C-ECHO with {status}");
            }

            await association.ReleaseAsync(deadline.Token);
        }
        catch (AssociationException exception) when (exception.Fault == AssociationFault.NotAccepted)
        {
            // The target takes our associations, and need not be an SCP of Verification.
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The process stops, so that nobody waits for this result.
        }
        catch (OperationCanceledException)
        {
            LogExamined(_logger, Name, "no answer in time");
        }
        catch (Exception exception) when (exception is AssociationException or TargetException)
        {
            LogExamined(_logger, Name, exception.Message);
        }
    }

    public async Task<IReadOnlyList<DeliveryResult>> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        DeliveryResult?[] results = new DeliveryResult?[deliveries.Count];
        DeliveryResult rest;
        try
        {
            rest = await DeliverAsync(deliveries, results, cancellationToken);
        }
        catch (AssociationException exception)
        {
            rest = DimseVerdict.Of(exception);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            rest = Unexpected(exception);
        }

        return [.. results.Select(result => result ?? rest)];
    }

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    /// <summary>Delivers one after the other over one association; returns the result of those that it did not reach.</summary>
    private async Task<DeliveryResult> DeliverAsync(
        IReadOnlyList<Delivery> deliveries, DeliveryResult?[] results, CancellationToken cancellationToken)
    {
        await using AssociationLease lease = await _pool.RentAsync(cancellationToken);
        int faults = 0;
        for (int index = 0; index < deliveries.Count; index++)
        {
            DimseAttempt attempt = new(_source, lease, deliveries[index], Watch);
            try
            {
                results[index] = await attempt.RunAsync(cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                results[index] = Unexpected(exception);
            }

            if (attempt.Warning is { } warning)
            {
                LogWarning(_logger, Name, deliveries[index].Instance!.Value.Sop.Value, warning.ToString());
            }

            faults = results[index]!.IsTargetFault ? faults + 1 : 0;
            if (results[index] is { Outcome: DeliveryOutcome.Retry } fault && (attempt.FailsForOthersToo || faults == FaultsInRow))
            {
                return fault;
            }
        }

        return DeliveryResult.Released;
    }

    /// <summary>Creates a watch that counts slow reception of a data set like a slow response.</summary>
    private PeerWatch Watch(CancellationToken cancellationToken)
        => new(new WaitLimits(_options.IdleTimeout, _options.ResponseTimeout), Name, _time, cancellationToken);

    private DeliveryResult Unexpected(Exception exception)
    {
        LogUnexpected(_logger, Name, exception);
        return DeliveryResult.Retry(
            $"an unexpected fault of the binding ({exception.GetType().Name}); the log says more", isTargetFault: false);
    }

    [LoggerMessage(
        6400, LogLevel.Warning, "The C-STORE target {Target} does not look ready: {Reason}. Deliveries wait and are tried again")]
    private static partial void LogExamined(ILogger logger, string target, string reason);

    [LoggerMessage(6401, LogLevel.Information, "The C-STORE target {Target} stored {SopInstanceUid} with warning {Status}")]
    private static partial void LogWarning(ILogger logger, string target, string sopInstanceUid, string status);

    [LoggerMessage(6402, LogLevel.Error, "A delivery to the C-STORE target {Target} met an unexpected fault")]
    private static partial void LogUnexpected(ILogger logger, string target, Exception exception);

    [LoggerMessage(6403, LogLevel.Warning, "The certificate of {Target} is not verified: INSECURE_SKIP_VERIFY is set, so anyone between "
        + "here and there can read and change what is sent")]
    private static partial void LogInsecure(ILogger logger, string target);
}

/// <summary>The peer that a C-STORE binding calls. Certificates are read for each association, so that rotated ones take effect.</summary>
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
            Protocols = tls.Protocols,
            TrustedAuthorities = tls.AuthoritiesFile is { } file
                ? await TrustedAuthorities.ReadAsync(file, tls.AuthoritiesPassword, cancellationToken)
                : null,
            SkipsVerification = tls.InsecureSkipVerify,
        };
    }
}
