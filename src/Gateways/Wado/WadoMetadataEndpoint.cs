using System.Buffers;
using System.IO.Pipelines;
using ImagingIngestion.Dicom;
using ImagingIngestion.Grains;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways;

/// <summary>Metadata of a study, series or instance (PS3.18 section 10.4.1.1.2) from the manifest alone: no object is opened.</summary>
internal sealed class WadoMetadataEndpoint(RetrieveServices services, string root)
{
    private const string DicomXmlType = "application/dicom+xml";

    private static readonly Representation[] Offers = [new("application/dicom+json", false), new(DicomXmlType, true), new("application/json", false)];

    public async Task HandleAsync(HttpContext context)
    {
        if (!RetrievePath.TryReadScope(context, services.Web.Provider, out RetrieveScope? scope))
        {
            await RetrievePath.WriteMalformedAsync(context);
            return;
        }

        Negotiation negotiation = AcceptNegotiation.Choose(context.Request, Offers);
        if (negotiation.Chosen is not { } chosen)
        {
            await AcceptNegotiation.WriteRefusalAsync(context, negotiation, Offers);
            return;
        }

        if (await ScopeSummary.ReadAsync(services.Manifest, scope, StoredInstanceParts.None, context.RequestAborted) is not { } summary)
        {
            await RetrievePath.WriteUnknownAsync(context, scope);
            return;
        }

        string url = RequestUrls.Retrieve(context.Request, services.Web, root);
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

        PipeWriter output = context.Response.BodyWriter;
        bool isFirst = true;
        await foreach (StoredInstance stored in services.Manifest.RetrieveAsync(scope, StoredInstanceParts.Metadata, context.RequestAborted))
        {
            output.Write(isFirst ? "["u8 : ","u8);
            isFirst = false;
            DicomJsonMetadata.CopyTo(stored.Metadata, InstanceMetadata.BulkBase(RetrieveUrls.Instance(url, scope.Study.Study, stored.State.Id)), output);
            await output.FlushWhenFullAsync(context.RequestAborted);
        }

        output.Write(isFirst ? "[]"u8 : "]"u8);
        await output.FlushAsync(context.RequestAborted);
    }

    private async Task WriteXmlAsync(HttpContext context, RetrieveScope scope, string url)
    {
        var multipart = new MultipartWriter(context.Response.BodyWriter);
        context.Response.ContentType = multipart.ContentType(DicomXmlType);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        await foreach (StoredInstance stored in services.Manifest.RetrieveAsync(scope, StoredInstanceParts.Metadata, context.RequestAborted))
        {
            string instanceUrl = RetrieveUrls.Instance(url, scope.Study.Study, stored.State.Id);
            DicomDataset metadata = InstanceMetadata.Read(stored.Metadata, instanceUrl);
            multipart.BeginPart(DicomXmlType, instanceUrl + "/metadata");
            DicomXmlWriter.Write(metadata, multipart.Output);
            await multipart.Output.FlushWhenFullAsync(context.RequestAborted);
        }

        multipart.End();
        await multipart.Output.FlushAsync(context.RequestAborted);
    }
}
