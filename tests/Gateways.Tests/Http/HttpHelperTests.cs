using System.Text.Json;
using ImagingIngestion.Gateways.Http;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Tests.Http;

public sealed class HttpHelperTests
{
    [Fact]
    public void Urls_are_below_the_Host_of_the_request()
        => Assert.Equal(
            "http://internal:8080/wado-rs",
            new RequestUrls(null).Retrieve(Request("X-Forwarded-Host: other").Request, "/wado-rs"));

    [Fact]
    public void A_configured_url_goes_before_the_request()
    {
        HttpRequest request = Request("X-Forwarded-Host: other").Request;

        Assert.Equal(
            "https://pacs.example.org/x/wado-rs",
            new RequestUrls("https://pacs.example.org/x/").Retrieve(request, "/wado-rs"));
        Assert.Equal(
            "https://pacs.example.org/wado-rs",
            new RequestUrls("https://pacs.example.org/wado-rs").Retrieve(request, "/wado-rs"));
    }

    [Theory]
    [InlineData("", HttpRangeKind.Whole, 0, 100)]
    [InlineData("bytes=0-9", HttpRangeKind.Partial, 0, 10)]
    [InlineData("bytes=90-", HttpRangeKind.Partial, 90, 10)]
    [InlineData("bytes=90-1000", HttpRangeKind.Partial, 90, 10)]
    [InlineData("bytes=-10", HttpRangeKind.Partial, 90, 10)]
    [InlineData("bytes=-1000", HttpRangeKind.Partial, 0, 100)]
    [InlineData("bytes=100-", HttpRangeKind.Unsatisfiable, 0, 0)]
    [InlineData("bytes=-0", HttpRangeKind.Unsatisfiable, 0, 0)]
    [InlineData("bytes=0-1,4-5", HttpRangeKind.Whole, 0, 100)]
    [InlineData("bytes=9-1", HttpRangeKind.Whole, 0, 100)]
    [InlineData("items=0-1", HttpRangeKind.Whole, 0, 100)]
    public void A_single_range_is_honoured(string range, HttpRangeKind kind, long offset, long length)
        => Assert.Equal(
            new HttpRange(kind, offset, length), HttpRange.Read(Request(range.Length == 0 ? "" : "Range: " + range).Request, 100));

    [Fact]
    public void A_range_sets_the_headers_of_its_answer()
    {
        HttpContext context = Request("Range: bytes=10-19");

        HttpRange.Read(context.Request, 100).Apply(context.Response, 100);

        Assert.Equal(206, context.Response.StatusCode);
        Assert.Equal("bytes 10-19/100", context.Response.Headers.ContentRange);
        Assert.Equal(10, context.Response.ContentLength);
    }

    [Theory]
    [InlineData("If-None-Match: \"abc\"", true)]
    [InlineData("If-None-Match: W/\"abc\"", true)]
    [InlineData("If-None-Match: \"x\", \"abc\"", true)]
    [InlineData("If-None-Match: *", true)]
    [InlineData("If-None-Match: \"other\"", false)]
    [InlineData("If-None-Match: \"other\"|If-Modified-Since: Sat, 21 Nov 2026 10:00:00 GMT", false)]
    [InlineData("If-Modified-Since: Sat, 21 Nov 2026 10:00:00 GMT", true)]
    [InlineData("If-Modified-Since: Sat, 21 Nov 2026 09:59:59 GMT", false)]
    [InlineData("If-Modified-Since: yesterday", false)]
    [InlineData("", false)]
    public void What_the_client_has_is_not_sent_again(string headers, bool notModified)
    {
        HttpContext context = Request(headers);
        DateTimeOffset modified = new(2026, 11, 21, 10, 0, 0, 250, TimeSpan.Zero);

        Assert.Equal(notModified, ConditionalRequest.IsNotModified(context, "abc", lastModified: modified));
        Assert.Equal("\"abc\"", context.Response.Headers.ETag);
        Assert.Equal("Sat, 21 Nov 2026 10:00:00 GMT", context.Response.Headers.LastModified);
    }

    [Fact]
    public void A_range_of_something_else_is_not_sent()
    {
        Assert.True(ConditionalRequest.AllowsRange(Request("If-Range: \"abc\"").Request, "abc"));
        Assert.False(ConditionalRequest.AllowsRange(Request("If-Range: \"old\"").Request, "abc"));
        Assert.False(ConditionalRequest.AllowsRange(Request("If-Range: W/\"abc\"").Request, "abc"));
    }

    [Fact]
    public async Task A_problem_tells_status_title_and_what_to_change()
    {
        HttpContext context = Request("");
        MemoryStream body = new();
        context.Response.Body = body;

        await Problem.WriteAsync(context, 503, "Busy", "Send again later.", retryAfterSeconds: 5);

        using JsonDocument json = JsonDocument.Parse(body.ToArray());
        Assert.Equal("application/problem+json", context.Response.ContentType);
        Assert.Equal(503, json.RootElement.GetProperty("status").GetInt32());
        Assert.Equal("Send again later.", json.RootElement.GetProperty("detail").GetString());
        Assert.Equal("5", context.Response.Headers.RetryAfter);
    }

    [Fact]
    public async Task What_the_writer_writes_the_reader_reads()
    {
        System.IO.Pipelines.Pipe pipe = new(new System.IO.Pipelines.PipeOptions(pauseWriterThreshold: 0));
        MultipartWriter writer = new(pipe.Writer);
        writer.BeginPart("application/dicom", "http://x/1");
        await pipe.Writer.WriteAsync("one"u8.ToArray());
        writer.BeginPart("application/dicom");
        writer.End();
        await pipe.Writer.CompleteAsync();

        Assert.True(MediaType.TryParse(writer.ContentType("application/dicom"), out MediaType? type));
        using MultipartReader reader = new(pipe.Reader, type["boundary"]!);
        MultipartPart first = (await reader.ReadPartAsync(CancellationToken.None))!;
        Assert.Equal("http://x/1", first.ContentLocation);
        Assert.Equal(3, (await first.ReadAsync(CancellationToken.None)).Length);
        Assert.NotNull(await reader.ReadPartAsync(CancellationToken.None));
        Assert.Null(await reader.ReadPartAsync(CancellationToken.None));
        Assert.NotEqual(writer.Boundary, new MultipartWriter(pipe.Writer).Boundary);
        Assert.Throws<ArgumentException>(() => writer.BeginPart("a/b\r\nX: y"));
    }

    private static DefaultHttpContext Request(string headers)
    {
        DefaultHttpContext context = new();
        context.Request.Method = "GET";
        context.Request.Scheme = "http";
        context.Request.Host = new HostString("internal", 8080);
        foreach (string line in headers.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = line.Split(": ", 2);
            context.Request.Headers.Append(pair[0], pair[1]);
        }

        return context;
    }
}
