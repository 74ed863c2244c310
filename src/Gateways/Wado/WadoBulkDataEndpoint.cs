using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>Bulk values by the paths of BulkDataURIs, and Pixel Data as <c>/pixeldata</c> (PS3.18 section 10.4.1.1.5).</summary>
internal sealed class WadoBulkDataEndpoint(
    IManifestQuery manifest, VerifiedObjects objects, HeaderBudget headers, ServedSpace space, RequestUrls urls, FrameSender frames)
{
    private static readonly string PixelData = DicomTag.PixelData.ToHex();
    private static readonly string[] PixelDataPaths = [PixelData, DicomTag.FloatPixelData.ToHex(), DicomTag.DoubleFloatPixelData.ToHex()];
    private static readonly string Document = DicomTag.EncapsulatedDocument.ToHex();

    public Task HandlePixelDataAsync(HttpContext context) => HandleAsync(context, null);

    public Task HandleAsync(HttpContext context)
        => HandleAsync(context, (context.GetRouteValue("path") as string ?? "").TrimEnd('/').ToUpperInvariant());

    private async Task HandleAsync(HttpContext context, string? path)
    {
        if (!RouteUids.TryReadScope(context, space, out RetrieveScope? scope))
        {
            await RouteUids.WriteMalformedAsync(context);
            return;
        }

        StoredInstanceParts more = path == Document ? StoredInstanceParts.Metadata : StoredInstanceParts.None;
        using HeaderShare share = headers.Open();
        if (await LayoutReader.ReadAsync(manifest, scope, more, share, context.RequestAborted) is not var (stored, layout))
        {
            await RouteUids.WriteUnknownAsync(context, scope);
            return;
        }

        VerifiedObjects.ThrowIfDamaged(stored.State);

        BulkLocation? value = layout.Bulk.FirstOrDefault(bulk => path is null ? PixelDataPaths.Contains(bulk.Path) : bulk.Path == path);
        if (value is null)
        {
            await Problem.WriteAsync(
                context,
                404,
                "No such bulk data",
                "The instance has no bulk value under this path; its metadata names those that there are.");
            return;
        }

        string url = RetrieveUrls.Instance(urls.Retrieve(context), scope.Study.Study, stored.State.Id);
        await (value.IsEncapsulated
            ? SendFramesAsync(context, stored.State, layout, value, url, share)
            : SendValueAsync(context, stored, layout, value, $"{url}/bulkdata/{value.Path}", share));
    }

    /// <summary>The fragments of compressed pixel data mean nothing outside their data set; what is sent are the frames in them.</summary>
    private Task SendFramesAsync(
        HttpContext context, InstanceState instance, InstanceLayout layout, BulkLocation value, string url, HeaderShare share)
        => value.Path != PixelData || layout.Frames is not { } index
            ? WadoFramesEndpoint.WriteNoFramesAsync(context)
            : frames.SendAsync(context, instance, layout, [.. Enumerable.Range(1, index.Count)], frame => $"{url}/frames/{frame}", share);

    private async Task SendValueAsync(
        HttpContext context, StoredInstance stored, InstanceLayout layout, BulkLocation value, string location, HeaderShare share)
    {
        DicomTag element = value.Path == PixelData ? DicomTag.PixelData : default;
        if (FrameMediaTypes.OctetSyntax(
            TransferSyntax.FromUid(stored.State.TransferSyntaxUid), element, isEncapsulated: false) is not { } uid)
        {
            await FrameMediaTypes.WriteContradictionAsync(context);
            return;
        }

        string? documentType = value.Path == Document ? await DocumentTypeAsync(stored, location, share, context.RequestAborted) : null;
        share.Release();
        Representation octets = new(FrameMediaTypes.OctetStream, false) { TransferSyntaxes = [uid], DefaultTransferSyntax = uid };
        List<Representation> offers = [octets, octets with { IsMultipart = true }];
        if (documentType is not null)
        {
            offers.Add(new Representation(documentType, false));
        }

        Negotiation negotiation = AcceptNegotiation.Choose(context.Request, [.. offers]);
        if (negotiation.Chosen is not { } chosen)
        {
            await AcceptNegotiation.WriteRefusalAsync(context, negotiation, offers);
            return;
        }

        string contentType = chosen.TransferSyntaxes is null ? chosen.MediaType : $"{chosen.MediaType}; transfer-syntax={uid}";
        string tag = EntityTag.Of(stored.State.Hash.Hex, stored.State.Object.Value, location, contentType);
        BinaryContent content = BinaryContent.OfValue(value);
        await using var bytes = new InstanceBytes(objects, stored.State, layout.Encoding);
        if (!chosen.IsMultipart)
        {
            await new SinglePart(contentType, location, tag, stored.State.StoredAt, content.Length).SendAsync(
                context, (offset, length, output, token) => content.CopyToAsync(bytes, offset, length, output, token));
            return;
        }

        if (CacheHeaders.IsNotModified(context, EntityTag.Of(tag, "multipart"), stored.State.StoredAt))
        {
            return;
        }

        var multipart = new MultipartWriter(context.Response.BodyWriter);
        context.Response.ContentType = multipart.ContentType(chosen.MediaType, uid);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        multipart.BeginPart(contentType, location);
        await content.CopyToAsync(bytes, 0, content.Length, multipart.Output, context.RequestAborted);
        multipart.End();
        await multipart.Output.FlushAsync(context.RequestAborted);
    }

    /// <summary>Returns MIME Type of Encapsulated Document (0042,0012) if it is a media type.</summary>
    private static async Task<string?> DocumentTypeAsync(
        StoredInstance stored, string location, HeaderShare share, CancellationToken cancellationToken)
    {
        DicomDataset found = await InstanceMetadata.ReadAsync(
            stored.Metadata, location, share, tag => tag == DicomTag.MIMETypeOfEncapsulatedDocument, cancellationToken);
        string? text = found.GetString(DicomTag.MIMETypeOfEncapsulatedDocument);
        return MediaType.TryParse(text, out MediaType? type)
            && type.Type is "application" or "text" or "model"
            && type.Essence.All(character => char.IsAsciiLetterOrDigit(character) || "/.+-".Contains(character))
            ? type.Essence
            : null;
    }
}
