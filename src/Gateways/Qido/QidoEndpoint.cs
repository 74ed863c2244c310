using System.Buffers;
using System.IO.Pipelines;
using ImagingIngestion.Dicom;
using ImagingIngestion.Grains;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways;

/// <summary>Answers searches of one level below one root (PS3.18 section 10.6).</summary>
internal sealed class QidoEndpoint(RetrieveServices services, string root, SearchLevel level)
{
    private const string DicomXmlType = "application/dicom+xml";

    private static readonly Representation[] Offers = [new("application/dicom+json", false), new(DicomXmlType, true), new("application/json", false)];

    public async Task HandleAsync(HttpContext context)
    {
        Negotiation negotiation = AcceptNegotiation.Choose(context.Request, Offers);
        if (negotiation.Chosen is not { } chosen)
        {
            await AcceptNegotiation.WriteRefusalAsync(context, negotiation, Offers);
            return;
        }

        if (!RetrievePath.TryRead(context, out StudyInstanceUid? study, out SeriesInstanceUid? series, out _))
        {
            await RetrievePath.WriteMalformedAsync(context);
            return;
        }

        QidoOptions options = services.Qido;
        if (!QidoQueryParser.TryParse(level, context.Request.QueryString.Value, study is null ? options.DefaultLimit : options.MaxLimit, options.MaxLimit, out QidoQuery? query, out string? error))
        {
            await Problem.WriteAsync(context, 400, "The query cannot be read", error);
            return;
        }

        var request = new SearchRequest
        {
            Provider = services.Web.Provider,
            Level = level,
            Study = study,
            Series = series,
            Matches = query.Matches,
            FuzzyMatching = query.FuzzyMatching,
            Limit = Math.Max(1, query.Limit),
            Offset = query.Offset,
            WithMetadata = QidoReturnSet.NeedsMetadata(level, query),
        };
        SearchPage page = await services.Manifest.SearchAsync(request, context.RequestAborted);
        context.Response.Headers.CacheControl = CacheHeaders.Revalidate;
        SearchRow[] rows = [.. page.Rows.Take(query.Limit)];
        AddWarnings(context, query, page.HasMore || rows.Length < page.Rows.Count);
        if (rows.Length == 0)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var answer = new QidoReturnSet(request, query, RequestUrls.Retrieve(context.Request, services.Web, root));
        await (chosen.IsMultipart ? WriteXmlAsync(context, rows, answer) : WriteJsonAsync(context, chosen.MediaType, rows, answer));
    }

    private void AddWarnings(HttpContext context, QidoQuery query, bool hasMore)
    {
        // The form of PS3.18 section 8.3.4.4: the code, the service and a text.
        string service = RequestUrls.Base(context.Request, services.Web) + root;
        IEnumerable<string> more = hasMore ? [$"There are additional results that can be requested with offset={(long)query.Offset + query.Limit}"] : [];
        string[] warnings = [.. query.Warnings.Concat(more).Select(warning => $"299 {service}: {warning}")];
        if (warnings.Length > 0)
        {
            context.Response.Headers["Warning"] = warnings;
        }
    }

    private static async Task WriteJsonAsync(HttpContext context, string contentType, SearchRow[] rows, QidoReturnSet answer)
    {
        context.Response.ContentType = contentType;
        PipeWriter output = context.Response.BodyWriter;
        for (int index = 0; index < rows.Length; index++)
        {
            output.Write(index == 0 ? "["u8 : ","u8);
            DicomJsonWriter.Write(Build(rows[index], answer), output);
            await output.FlushWhenFullAsync(context.RequestAborted);
        }

        output.Write("]"u8);
        await output.FlushAsync(context.RequestAborted);
    }

    private static async Task WriteXmlAsync(HttpContext context, SearchRow[] rows, QidoReturnSet answer)
    {
        var multipart = new MultipartWriter(context.Response.BodyWriter);
        context.Response.ContentType = multipart.ContentType(DicomXmlType);
        foreach (SearchRow row in rows)
        {
            multipart.BeginPart(DicomXmlType);
            DicomXmlWriter.Write(Build(row, answer), multipart.Output);
            await multipart.Output.FlushWhenFullAsync(context.RequestAborted);
        }

        multipart.End();
        await multipart.Output.FlushAsync(context.RequestAborted);
    }

    private static DicomDataset Build(SearchRow row, QidoReturnSet answer)
        => answer.Build(row, row.Metadata.IsEmpty ? null : InstanceMetadata.Read(row.Metadata, answer.RetrieveUrl(row)));
}
