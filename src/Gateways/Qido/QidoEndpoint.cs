using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Interchange;
using ImagingIngestion.Dicom.Json;
using ImagingIngestion.Dicom.Xml;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Wado;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Qido;

/// <summary>Answers searches for studies, series and instances (PS3.18 section 10.6).</summary>
internal sealed class QidoEndpoint(
    IManifestQuery manifest, HeaderBudget headers, ServedSpace space, RequestUrls urls, QidoOptions options)
{
    private const string DicomXmlType = "application/dicom+xml";

    private static readonly Representation[] Offers =
    [
        new("application/dicom+json", false),
        new(DicomXmlType, true),
        new("application/json", false)
    ];

    public Task SearchStudiesAsync(HttpContext context) => SearchAsync(context, SearchLevel.Study);

    public Task SearchSeriesAsync(HttpContext context) => SearchAsync(context, SearchLevel.Series);

    public Task SearchInstancesAsync(HttpContext context) => SearchAsync(context, SearchLevel.Instance);

    private async Task SearchAsync(HttpContext context, SearchLevel level)
    {
        Negotiation negotiation = AcceptNegotiation.Choose(context.Request, Offers);
        if (negotiation.Chosen is not { } chosen)
        {
            await AcceptNegotiation.WriteRefusalAsync(context, negotiation, Offers);
            return;
        }

        if (!RouteUids.TryRead(context, out RouteUids? uids))
        {
            await RouteUids.WriteMalformedAsync(context);
            return;
        }

        if (!QidoQueryParser.TryParse(
            level,
            context.Request.QueryString.Value,
            uids.Study is null ? options.DefaultLimit : options.MaxLimit,
            options.MaxLimit,
            out QidoQuery? query,
            out string? error))
        {
            await Problem.WriteAsync(context, 400, "The query cannot be read", error);
            return;
        }

        var request = new SearchRequest
        {
            Provider = space.Provider,
            Level = level,
            Study = uids.Study,
            Series = uids.Series,
            Matches = query.Matches,
            FuzzyMatching = query.FuzzyMatching,
            Limit = Math.Max(1, query.Limit),
            Offset = query.Offset,
            WithMetadata = QidoReturnSet.NeedsMetadata(level, query),
        };
        SearchPage page = await manifest.SearchAsync(request, context.RequestAborted);
        context.Response.Headers.CacheControl = CacheHeaders.Revalidate;
        AddWarnings(context, query, await HasMoreAsync(request, query, page, context.RequestAborted));
        if (page.Rows.Count == 0 || query.Limit == 0)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var answer = new QidoReturnSet(request, query, urls.Retrieve(context));
        IAsyncEnumerable<SearchRow> rows = RowsAsync(request, page, context.RequestAborted);
        await (chosen.IsMultipart ? WriteXmlAsync(context, rows, answer) : WriteJsonAsync(context, chosen.MediaType, rows, answer));
    }

    /// <summary>Returns whether more rows match than the limit; a page of large rows ends before the limit and cannot tell.</summary>
    private async Task<bool> HasMoreAsync(SearchRequest request, QidoQuery query, SearchPage page, CancellationToken cancellationToken)
    {
        if (!page.HasMore || page.Rows.Count >= query.Limit)
        {
            return page.HasMore || page.Rows.Count > query.Limit;
        }

        SearchRequest following = request with
        {
            Offset = (int)Math.Min(int.MaxValue, (long)request.Offset + request.Limit),
            Limit = 1,
            WithMetadata = false
        };
        return (await manifest.SearchAsync(following, cancellationToken)).Rows.Count > 0;
    }

    /// <summary>The rows of the answer, read page by page: a page ends where its rows are large.</summary>
    private async IAsyncEnumerable<SearchRow> RowsAsync(
        SearchRequest request, SearchPage page, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (SearchRow row in page.Rows)
            {
                yield return row;
            }

            request = request with { Limit = request.Limit - page.Rows.Count, Offset = 0, After = page.End };
            if (!page.HasMore || request.Limit == 0)
            {
                break;
            }

            page = await manifest.SearchAsync(request, cancellationToken);
        }
    }

    private void AddWarnings(HttpContext context, QidoQuery query, bool hasMore)
    {
        // The form of PS3.18 section 8.3.4.4: the code, the service and a text.
        string service = urls.Base(context.Request) + RetrieveRoot.Of(context);
        IEnumerable<string> more = hasMore
            ? [$"There are additional results that can be requested with offset={(long)query.Offset + query.Limit}"]
            : [];
        string[] warnings = [.. query.Warnings.Concat(more).Select(warning => $"299 {service}: {warning}")];
        if (warnings.Length > 0)
        {
            context.Response.Headers["Warning"] = warnings;
        }
    }

    private Task WriteJsonAsync(HttpContext context, string contentType, IAsyncEnumerable<SearchRow> rows, QidoReturnSet answer)
        => BufferedAnswer.WriteAsync(context, async output =>
        {
            context.Response.ContentType = contentType;
            bool isFirst = true;
            await foreach (SearchRow row in rows)
            {
                output.Write(isFirst ? "["u8 : ","u8);
                isFirst = false;
                await WriteAsync(row, answer, output, DicomJsonWriter.Write, DicomJsonWriter.WriteAsync, context.RequestAborted);
            }

            output.Write("]"u8);
        });

    private Task WriteXmlAsync(HttpContext context, IAsyncEnumerable<SearchRow> rows, QidoReturnSet answer)
        => BufferedAnswer.WriteAsync(context, async output =>
        {
            var multipart = new MultipartWriter(output);
            context.Response.ContentType = multipart.ContentType(DicomXmlType);
            await foreach (SearchRow row in rows)
            {
                multipart.BeginPart(DicomXmlType);
                await WriteAsync(row, answer, output, DicomXmlWriter.Write, DicomXmlWriter.WriteAsync, context.RequestAborted);
            }

            multipart.End();
        });

    private async Task WriteAsync(
        SearchRow row,
        QidoReturnSet answer,
        PipeWriter output,
        Action<DicomDataset, PipeWriter, DicomModelWriterOptions?> write,
        Func<StreamedDataset, PipeWriter, CancellationToken, Task> writeStreamed,
        CancellationToken cancellationToken)
    {
        DicomDataset known = answer.Known(row);
        if (row.Metadata.IsEmpty)
        {
            write(answer.AddEmpty(known), output, null);
            await output.FlushWhenFullAsync(cancellationToken);
            return;
        }

        await using Stream compressed = row.Metadata.OpenRead();
        using HeaderShare share = headers.Open();
        using MetadataReader metadata = InstanceMetadata.Open(compressed, answer.RetrieveUrl(row), share, answer.IsWanted);
        StreamedDataset dataset = new(metadata, known, answer.AddEmpty(new DicomDataset()));
        await share.SendAsync(token => writeStreamed(dataset, output, token), cancellationToken);
    }
}
