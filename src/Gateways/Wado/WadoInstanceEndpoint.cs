using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>Retrieves the instances of a study, a series, or one instance (PS3.18 section 10.4.1.1).</summary>
internal sealed class WadoInstanceEndpoint(
    IManifestQuery manifest, VerifiedObjects objects, HeaderBudget headers, ServedSpace space, RequestUrls urls, WadoOptions options)
{
    private const string DicomType = "application/dicom";

    /// <summary>Warns a client that asked for stored bytes: not every reader can read them.</summary>
    /// <remarks>A C-STORE binding then asks for another transfer syntax.</remarks>
    private const string IrregularWarning = "299 imaging-ingestion \"The stored bytes are not encoded as their transfer syntax says\"";

    private static readonly Representation Multipart = new(DicomType, true);
    private static readonly Representation Single = new(DicomType, false);

    public async Task HandleAsync(HttpContext context)
    {
        if (!RouteUids.TryReadScope(context, space, out RetrieveScope? scope))
        {
            await RouteUids.WriteMalformedAsync(context);
            return;
        }

        if (await ScopeSummary.ReadAsync(manifest, scope, StoredInstanceParts.Encoding, context.RequestAborted) is not { } summary)
        {
            await RouteUids.WriteUnknownAsync(context, scope);
            return;
        }

        if (summary.Damaged is { } damaged)
        {
            throw new ObjectDamagedException(damaged);
        }

        Representation[] offers = summary.Count == 1 ? [Multipart, Single] : [Multipart];
        Negotiation negotiation = AcceptNegotiation.Choose(context.Request, offers);
        if (negotiation.Chosen is not { } chosen)
        {
            await AcceptNegotiation.WriteRefusalAsync(context, negotiation, offers);
            return;
        }

        var choice = new SyntaxChoice(context.Request, negotiation.Syntaxes);
        if (summary.Encodings.FirstOrDefault(stored => choice.For(stored.Uid, stored.Encoding) is null).Uid is { } refused)
        {
            await Problem.WriteAsync(context, 406, "No acceptable transfer syntax",
                $"An instance is stored in transfer syntax {refused}, which cannot be converted to one that the request accepts. Ask for "
                    + "transfer-syntax=* to get the stored bytes.");
            return;
        }

        string url = urls.Retrieve(context);
        await (chosen.IsMultipart
            ? SendManyAsync(context, scope, summary, choice, url)
            : SendOneAsync(context, scope, summary.First, choice, url));
    }

    private async Task SendOneAsync(HttpContext context, RetrieveScope scope, StoredInstance stored, SyntaxChoice choice, string url)
    {
        InstanceState instance = stored.State;
        (string syntax, bool isAsStored) = choice.For(instance.TransferSyntaxUid, stored.Encoding)!.Value;
        string contentType = $"{DicomType}; transfer-syntax={syntax}";
        string location = RetrieveUrls.Instance(url, scope.Study.Study, instance.Id);
        string tag = EntityTag.Of(instance.Hash.Hex, instance.Object.Value, contentType, isAsStored ? "as stored" : "written anew");
        if (isAsStored)
        {
            if (stored.Encoding.IsIrregular)
            {
                context.Response.Headers.Warning = IrregularWarning;
            }

            await new SinglePart(contentType, location, tag, instance.StoredAt, instance.ObjectLength).SendAsync(
                context, async (offset, length, output, token) =>
                {
                    // A range tells nothing of the whole: only all bytes have a checksum.
                    await using Stream source = length == instance.ObjectLength
                        ? await objects.OpenAsync(instance, token)
                        : await objects.OpenRangeAsync(instance, offset, length, token);
                    await StreamCopy.ToPipeAsync(source, length, output, token);
                });
            return;
        }

        // The length is only known at the end, so there are no ranges.
        context.Response.Headers.CacheControl = CacheHeaders.Revalidate;
        if (ConditionalRequest.IsNotModified(context, tag, isWeak: false, instance.StoredAt))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = contentType;
        context.Response.Headers.ContentLocation = location;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            DataSetTranscoder transcoder = Transcoder(syntax, stored.Encoding);
            using PreparedDataSet prepared = await transcoder.PrepareAsync(instance, context.RequestAborted);
            await transcoder.WriteAsync(instance, prepared, context.Response.Body, context.RequestAborted);
        }
    }

    private async Task SendManyAsync(HttpContext context, RetrieveScope scope, ScopeSummary summary, SyntaxChoice choice, string url)
    {
        string representation = string.Join(
            ' ', summary.Encodings.Select(stored => $"{choice.For(stored.Uid, stored.Encoding)}").Order(StringComparer.Ordinal));
        if (CacheHeaders.IsNotModified(context, EntityTag.Of(summary.Fingerprint, "multipart", representation, url), summary.LastModified))
        {
            return;
        }

        var multipart = new MultipartWriter(context.Response.BodyWriter);
        context.Response.ContentType = multipart.ContentType(DicomType);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        if (summary.Count == 1)
        {
            await SendPartAsync(context, multipart, scope, summary.First, choice, url);
        }
        else
        {
            await foreach (StoredInstance stored in manifest.RetrieveAsync(
                scope, StoredInstanceParts.Encoding, context.RequestAborted))
            {
                await SendPartAsync(context, multipart, scope, stored, choice, url);
            }
        }

        multipart.End();
        await multipart.Output.FlushAsync(context.RequestAborted);
    }

    private async Task SendPartAsync(
        HttpContext context, MultipartWriter multipart, RetrieveScope scope, StoredInstance stored, SyntaxChoice choice, string url)
    {
        InstanceState instance = stored.State;
        CancellationToken cancellationToken = context.RequestAborted;
        string location = RetrieveUrls.Instance(url, scope.Study.Study, instance.Id);
        (string syntax, bool isAsStored) = choice.For(instance.TransferSyntaxUid, stored.Encoding)
            ?? throw new InvalidDataException(
                "An instance was replaced by one in another transfer syntax while its study was being retrieved.");
        if (isAsStored)
        {
            await using Stream source = await objects.OpenAsync(instance, cancellationToken);
            multipart.BeginPart($"{DicomType}; transfer-syntax={syntax}", location);
            await StreamCopy.ToPipeAsync(source, instance.ObjectLength, multipart.Output, cancellationToken);
            return;
        }

        DataSetTranscoder transcoder = Transcoder(syntax, stored.Encoding);
        using PreparedDataSet prepared = await transcoder.PrepareAsync(instance, cancellationToken);
        multipart.BeginPart($"{DicomType}; transfer-syntax={syntax}", location);
        await multipart.Output.FlushAsync(cancellationToken);
        await transcoder.WriteAsync(instance, prepared, context.Response.Body, cancellationToken);
    }

    private DataSetTranscoder Transcoder(string syntax, StoredEncoding encoding)
        => new(objects, headers, options.Reader, TransferSyntax.FromUid(syntax), encoding);
}

/// <summary>Chooses the transfer syntax that an instance is sent in (PS3.18 section 8.7.3.5).</summary>
/// <remarks>
/// It is one that the client names, else Explicit VR Little Endian. Native data sets can be re-encoded, compressed ones only be sent as
/// they are.
/// </remarks>
internal sealed class SyntaxChoice
{
    private readonly TransferSyntaxPreference _preference;
    private readonly bool _takesAnything;

    public SyntaxChoice(HttpRequest request, TransferSyntaxPreference preference)
    {
        _preference = preference;
        IReadOnlyList<MediaRange> ranges = MediaRange.ParseList([.. request.Query["accept"], .. request.Headers.Accept]);
        _takesAnything = ranges.Count == 0 || ranges.Any(range => range is { Specificity: 0, Quality: > 0, TransferSyntaxes.Count: 0 });
    }

    /// <summary>The client asks for the stored bytes, whatever they are.</summary>
    public bool TakesStoredBytes => _preference.Named.Contains("*");

    /// <summary>Returns the transfer syntax for a stored one, null if the client takes none that can be sent.</summary>
    /// <remarks>
    /// A client that takes anything at all gets a compressed instance as it is stored. Implicit VR, Big Endian and irregular data sets are
    /// sent as stored only if '*' asks for it; other requests get them re-encoded.
    /// </remarks>
    public (string Uid, bool IsAsStored)? For(string storedUid, StoredEncoding encoding)
    {
        TransferSyntax stored = TransferSyntax.FromUid(storedUid);
        string explicitUid = TransferSyntax.ExplicitVRLittleEndian.Uid;
        bool isRetired = stored == TransferSyntax.ImplicitVRLittleEndian || stored == TransferSyntax.ExplicitVRBigEndian;
        bool asStored = TakesStoredBytes || !(isRetired || encoding.IsIrregular);
        string[] available = stored.IsNative
            ? asStored ? [storedUid, explicitUid] : [explicitUid]
            : asStored || !stored.IsDeflated ? [storedUid] : [];
        string? chosen = _preference.Choose(available, explicitUid) ?? (_takesAnything ? available.LastOrDefault() : null);
        return chosen is null ? null : (chosen, asStored && chosen == storedUid);
    }
}
