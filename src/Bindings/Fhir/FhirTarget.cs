using System.Net;
using System.Text.Json;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Keeps one FHIR R4 ImagingStudy for each study.</summary>
/// <remarks>
/// Every revision is written against the version that was read (If-Match), and only over an older one. So neither a repetition nor a race
/// of two senders leaves anything but the newest.
/// </remarks>
public sealed partial class FhirTarget : IDeliveryTarget
{
    /// <summary>How often one attempt reads a resource again that others change at the same time.</summary>
    private const int MaxTries = 5;

    private static readonly TimeSpan ExamineTimeout = TimeSpan.FromSeconds(10);

    private readonly FhirBindingOptions _options;
    private readonly HttpClient _http;
    private readonly FhirClient _client;
    private readonly FhirStudyFinder _finder;
    private readonly IEventLog _events;
    private readonly IStorageSpaces _spaces;
    private readonly TimeProvider _time;
    private readonly ILogger<FhirTarget> _logger;
    private int _hasLoggedVersions;
    private int _hasLoggedExtensions;

    /// <param name="options">The target and how to write to it.</param>
    /// <param name="client">Sends with the authorisation of the target; disposed with this object.</param>
    /// <param name="events">Holds the revisions.</param>
    /// <param name="spaces">Knows the addresses of the storage spaces.</param>
    /// <param name="answers">The memory for long answers, shared by all bindings; its owner disposes it.</param>
    /// <param name="time">The clock of the calls.</param>
    /// <param name="logger">Logs what the server lacks.</param>
    public FhirTarget(
        FhirBindingOptions options,
        HttpClient client,
        IEventLog events,
        IStorageSpaces spaces,
        AnswerMemory answers,
        TimeProvider time,
        ILogger<FhirTarget> logger)
    {
        _options = options;
        _http = client;
        _client = new FhirClient(options.Target, client, answers, time);
        _finder = new FhirStudyFinder(_client);
        _events = events;
        _spaces = spaces;
        _time = time;
        _logger = logger;
    }

    /// <inheritdoc/>
    public int BatchSize => 1;

    /// <inheritdoc/>
    public async Task ExamineAsync(CancellationToken cancellationToken)
    {
        using Deadline deadline = new(ExamineTimeout, _time, cancellationToken);
        try
        {
            using TargetReply reply = await _client.ReadCapabilitiesAsync(deadline.Token);
            using JsonDocument? statement = reply.IsSuccess && !reply.IsTooLong ? FhirJson.Parse(reply.Body) : null;
            if (statement is null)
            {
                LogNotExamined(_options.Target.Endpoint, reply.Fault ?? $"it answered {reply.Code}.");
                return;
            }

            foreach ((string missing, string consequence) in FhirCapabilities.Missing(statement.RootElement))
            {
                LogLacks(_options.Target.Endpoint, missing, consequence);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotExamined(_options.Target.Endpoint, $"no answer within {ExamineTimeout}.");
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeliveryResult>> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
        => OneByOne.DeliverAsync(deliveries, DeliverAsync, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<DeliveryResult> DeliverAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (delivery.Revision is not { } number)
        {
            return DeliveryResult.Permanent("Only revisions of studies are delivered to a FHIR server.");
        }

        try
        {
            return await FindAsync(delivery.Study, number, cancellationToken) is { } revision
                ? await WriteAsync(delivery.Study, revision, cancellationToken)
                : DeliveryResult.Gone;
        }
        catch (ManifestUnavailableException)
        {
            return DeliveryResult.Retry("The revision could not be read: the manifest is not available.", isTargetFault: false);
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException)
        {
            return DeliveryResult.Permanent("The stored revision cannot be read.");
        }
    }

    /// <summary>Reads a revision; returns null if it is gone.</summary>
    private async Task<StudyRevisionEvent?> FindAsync(StudyKey study, int revision, CancellationToken cancellationToken)
        => await _events.FindRevisionAsync(study, revision, cancellationToken) is { } data
            ? EventData.UnpackRevision(data, _spaces.Find(study.Provider))
            : null;

    private async Task<DeliveryResult> WriteAsync(StudyKey study, StudyRevisionEvent revision, CancellationToken cancellationToken)
    {
        string? knownId = null;
        bool hasCreated = false;
        for (int attempt = 0; attempt < MaxTries; attempt++)
        {
            FhirFinding finding = knownId is null ? FhirFinding.None : await _finder.ReadAsync(study, knownId, cancellationToken);
            if (finding == FhirFinding.None)
            {
                finding = await _finder.SearchAsync(study, cancellationToken);
            }

            if (finding.End is not null)
            {
                return finding.End;
            }

            // A server that answered a create and shows no resource may have made one: another create could make a second.
            if (finding.Resource is null && hasCreated)
            {
                return DeliveryResult.Retry(
                    "The FHIR server took a create and does not show the resource yet; it is looked for again before another create.",
                    isTargetFault: false);
            }

            hasCreated |= finding.Resource is null;
            (DeliveryResult? result, knownId) = finding.Resource is { } stored
                ? await UpdateAsync(study, revision, stored, cancellationToken)
                : await CreateAsync(study, revision, cancellationToken);
            if (result is not null)
            {
                return result;
            }
        }

        return DeliveryResult.Retry("The ImagingStudy resource is changed by others all the time.", isTargetFault: false);
    }

    /// <summary>Returns the result, or the id to read next if the server knows a resource that the search did not show.</summary>
    private async Task<(DeliveryResult? Result, string? Id)> CreateAsync(
        StudyKey study, StudyRevisionEvent revision, CancellationToken cancellationToken)
    {
        if (revision.Study.Series.Count == 0)
        {
            return (DeliveryResult.Delivered, null);
        }

        string identity = $"{FhirNames.StoredStudy}|{StoredImagingStudy.IdentityOf(study)}";
        using TargetReply reply =
            await _client.CreateAsync(WriterOf(study).Write(study, revision, stored: null), identity, cancellationToken);
        switch (reply.Status)
        {
            case HttpStatusCode.OK:
                return (null, IdIn(reply.Location));
            case HttpStatusCode.Conflict:
                return (null, null);
            case HttpStatusCode.PreconditionFailed:
                return (FhirStudyFinder.Several, null);
            default:
                return (ResultOf("a create", reply, study, revision), null);
        }
    }

    /// <summary>Returns the result, or the id to read next if the resource changed meanwhile.</summary>
    private async Task<(DeliveryResult? Result, string? Id)> UpdateAsync(
        StudyKey study, StudyRevisionEvent revision, StoredImagingStudy stored, CancellationToken cancellationToken)
    {
        if (!await IsOurSubjectAsync(study, revision, stored, cancellationToken))
        {
            return (DeliveryResult.Permanent(
                $"The ImagingStudy resource {stored.Id} has the study's identifier, but shows another subject, and is not overwritten: see "
                    + "whose it is, then replay; FHIR_OVERWRITE_SUBJECT overwrites such resources."), null);
        }

        if (stored.Revision >= revision.Revision && stored.Owner == StudyOwner.Us)
        {
            LogUnchanged(study.Study, revision.Revision, stored.Revision.Value);
            return (DeliveryResult.Delivered, null);
        }

        LogWhatIsMissing(stored);
        ReadOnlyMemory<byte> resource = WriterOf(study).Write(study, revision, stored);
        using TargetReply reply = await _client.UpdateAsync(resource, stored.Id, stored.VersionId, cancellationToken);
        return reply.Status switch
        {
            HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict => (null, stored.Id),
            HttpStatusCode.NotFound or HttpStatusCode.Gone => (null, null),
            _ => (ResultOf("an update", reply, study, revision), null),
        };
    }

    /// <summary>
    /// Returns whether the resource may be overwritten: it shows nobody, our patient, or the patient of the revision that it shows.
    /// </summary>
    /// <remarks>So a corrected Patient ID replaces the old one.</remarks>
    private async Task<bool> IsOurSubjectAsync(
        StudyKey study, StudyRevisionEvent revision, StoredImagingStudy stored, CancellationToken cancellationToken)
    {
        FhirSubject shown = FhirSubject.Of(stored.Subject);
        if (_options.OverwritesSubject || revision.Study.Series.Count == 0 || shown.MayBe(SubjectOf(revision)))
        {
            return true;
        }

        // A revision that deletes everything keeps the subject of the one before.
        StudyRevisionEvent? written = null;
        for (int number = stored.Owner == StudyOwner.Us ? stored.Revision ?? -1 : -1; number >= 0
            && written is null or { Study.Series.Count: 0 }; number--)
        {
            written = await FindAsync(study, number, cancellationToken);
            if (written is null)
            {
                break;
            }
        }

        return written is not null && shown.MayBe(SubjectOf(written));
    }

    private FhirSubject SubjectOf(StudyRevisionEvent revision)
        => FhirSubject.Of(new EventAttributes(revision.Study.Attributes), _options.PatientIdSystem);

    /// <summary>Returns success for a 2xx with a resource, an outcome or an empty body.</summary>
    /// <remarks>Any other body comes from something else than a FHIR server.</remarks>
    private DeliveryResult ResultOf(string interaction, TargetReply reply, StudyKey study, StudyRevisionEvent revision)
    {
        if (!reply.IsSuccess)
        {
            return FhirFaults.Of(interaction, reply);
        }

        using JsonDocument? body = FhirJson.Parse(reply.Body);
        if (body is null && !reply.Body.IsEmpty)
        {
            return FhirFaults.Unreadable(interaction, reply);
        }

        LogWritten(study.Study, revision.Revision);
        return DeliveryResult.Delivered;
    }

    private void LogWhatIsMissing(StoredImagingStudy stored)
    {
        if (stored.VersionId is null && Interlocked.Exchange(ref _hasLoggedVersions, 1) == 0)
        {
            LogNoVersion(_options.Target.Endpoint);
        }

        if (stored.Owner == StudyOwner.Us && stored.Revision is null && Interlocked.Exchange(ref _hasLoggedExtensions, 1) == 0)
        {
            LogNoRevision(_options.Target.Endpoint);
        }
    }

    private ImagingStudyWriter WriterOf(StudyKey study)
    {
        Uri? root = _options.ImagingStudyEndpoint;
        if (root is null
            && Uri.TryCreate(_spaces.Find(study.Provider).WadoExternalEndpoint, UriKind.Absolute, out Uri? external)
            && external.Scheme is "http" or "https")
        {
            root = external;
        }

        return new ImagingStudyWriter(root, _options.PatientIdSystem);
    }

    /// <summary>Returns the id in <c>…/ImagingStudy/{id}[/_history/{version}]</c>; null if there is none.</summary>
    private static string? IdIn(Uri? location)
    {
        string[] parts = (location?.OriginalString ?? "").Split('?')[0].Split('/');
        int type = Array.LastIndexOf(parts, "ImagingStudy");
        return type >= 0 && type + 1 < parts.Length && FhirText.IsId(parts[type + 1]) ? parts[type + 1] : null;
    }

    [LoggerMessage(6200, LogLevel.Warning, "The FHIR server {Endpoint} does not offer {Missing}: {Consequence}.")]
    private partial void LogLacks(Uri endpoint, string missing, string consequence);

    [LoggerMessage(
        6201, LogLevel.Warning, "What the FHIR server {Endpoint} can do is not known; deliveries are tried anyway: {Reason}")]
    private partial void LogNotExamined(Uri endpoint, string reason);

    [LoggerMessage(6202, LogLevel.Warning, "The FHIR server {Endpoint} names no versions of its resources: they are updated without "
        + "If-Match, and what others write at the same moment can be lost.")]
    private partial void LogNoVersion(Uri endpoint);

    [LoggerMessage(
        6203,
        LogLevel.Warning,
        "The FHIR server {Endpoint} does not keep the extension with the revision: an older revision can replace a newer one.")]
    private partial void LogNoRevision(Uri endpoint);

    [LoggerMessage(6204, LogLevel.Debug, "ImagingStudy of study {Study} shows revision {Revision}.")]
    private partial void LogWritten(StudyInstanceUid study, int revision);

    [LoggerMessage(
        6205, LogLevel.Debug, "ImagingStudy of study {Study} stays as it is: revision {Revision} was to be written, {Stored} is there.")]
    private partial void LogUnchanged(StudyInstanceUid study, int revision, int stored);
}
