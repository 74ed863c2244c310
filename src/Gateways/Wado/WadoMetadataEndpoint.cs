using System.Buffers;
using ImagingIngestion.Dicom.Interchange;
using ImagingIngestion.Dicom.Json;
using ImagingIngestion.Dicom.Xml;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>Metadata of a study, series or instance (PS3.18 section 10.4.1.1.2) from the manifest alone: no object is opened.</summary>
internal sealed class WadoMetadataEndpoint(IManifestQuery manifest, HeaderBudget headers, ServedSpace space, RequestUrls urls)
{
    private const string DicomXmlType = "application/dicom+xml";

    private static readonly Representation[] Offers =
    [
        new("application/dicom+json", false),
        new(DicomXmlType, true),
        new("application/json", false)
    ];

    public async Task HandleAsync(HttpContext context)
    {
        if (!RouteUids.TryReadScope(context, space, out RetrieveScope? scope))
        {
            await RouteUids.WriteMalformedAsync(context);
            return;
        }

        Negotiation negotiation = AcceptNegotiation.Choose(context.Request, Offers);
        if (negotiation.Chosen is not { } chosen)
        {
            await AcceptNegotiation.WriteRefusalAsync(context, negotiation, Offers);
            return;
        }

        if (await ScopeSummary.ReadAsync(manifest, scope, StoredInstanceParts.None, context.RequestAborted) is not { } summary)
        {
            await RouteUids.WriteUnknownAsync(context, scope);
            return;
        }

        string url = urls.Retrieve(context);
        if (CacheHeaders.IsNotModified(context, EntityTag.Of(summary.Fingerprint, "metadata", chosen.MediaType, url), summary.LastModified))
        {
            return;
        }

        await (chosen.IsMultipart ? WriteXmlAsync(context, scope, url) : WriteJsonAsync(context, scope, chosen.MediaType, url));
    }

    private async Task WriteJsonAsync(HttpContext context, RetrieveScope scope, string contentType, string url)
    {
        context.Response.ContentType = contentType;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        await BufferedAnswer.WriteAsync(context, async output =>
        {
            bool isFirst = true;
            await foreach (StoredInstance stored in manifest.RetrieveAsync(
                scope, StoredInstanceParts.Metadata, context.RequestAborted))
            {
                string instanceUrl = RetrieveUrls.Instance(url, scope.Study.Study, stored.State.Id);
                await using Stream metadata = stored.Metadata.OpenRead();
                output.Write(isFirst ? "["u8 : ","u8);
                isFirst = false;
                await DicomJsonMetadata.CopyToAsync(
                    metadata, DicomJsonMetadata.EncodeBaseUrl(InstanceMetadata.BulkBase(instanceUrl)), output, context.RequestAborted);
            }

            output.Write(isFirst ? "[]"u8 : "]"u8);
        });
    }

    private Task WriteXmlAsync(HttpContext context, RetrieveScope scope, string url) => BufferedAnswer.WriteAsync(context, async output =>
    {
        var multipart = new MultipartWriter(output);
        context.Response.ContentType = multipart.ContentType(DicomXmlType);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        await foreach (StoredInstance stored in manifest.RetrieveAsync(
            scope, StoredInstanceParts.Metadata, context.RequestAborted))
        {
            string instanceUrl = RetrieveUrls.Instance(url, scope.Study.Study, stored.State.Id);
            await using Stream compressed = stored.Metadata.OpenRead();
            using HeaderShare share = headers.Open();
            using MetadataReader metadata = InstanceMetadata.Open(compressed, instanceUrl, share);
            multipart.BeginPart(DicomXmlType, instanceUrl + "/metadata");
            await share.SendAsync(token => DicomXmlWriter.WriteAsync(new StreamedDataset(metadata), output, token), context.RequestAborted);
        }

        multipart.End();
    });
}
