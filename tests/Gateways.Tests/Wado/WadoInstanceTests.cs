using System.Net;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Gateways.Tests.Wado;

public sealed class WadoInstanceTests(RetrieveHost host) : IClassFixture<RetrieveHost>
{
    private const string Jpeg = "1.2.840.10008.1.2.4.50";

    private static readonly byte[] Pixels = [.. Enumerable.Range(0, 5000).Select(number => (byte)(number * 7))];

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2.1.99")]
    [InlineData("1.2.840.10008.1.2.2")]
    public async Task Stored_bytes_come_back_as_they_are(string uid)
    {
        byte[] file = await StoreAsync("1.4.1." + uid, TransferSyntax.FromUid(uid));

        using HttpResponseMessage response = await host.GetAsync(Url("1.4.1." + uid), "application/dicom; transfer-syntax=*");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal($"application/dicom; transfer-syntax={uid}", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(file, await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1.99")]
    [InlineData("1.2.840.10008.1.2.2")]
    public async Task Native_data_sets_leave_in_explicit_little_endian_with_the_same_values(string uid)
    {
        string root = "1.4.2." + uid;
        await StoreAsync(root, TransferSyntax.FromUid(uid));
        byte[] expected = Data(root, TransferSyntax.ExplicitVRLittleEndian).Encode();

        using HttpResponseMessage response = await host.GetAsync(Url(root), "application/dicom");
        byte[] file = await response.Content.ReadAsByteArrayAsync();

        Assert.Equal("application/dicom; transfer-syntax=1.2.840.10008.1.2.1", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(
            Describe(Parse(expected, TransferSyntax.ExplicitVRLittleEndian), expected),
            Describe(ParseFile(file, out byte[] dataSet), dataSet));
    }

    [Fact]
    public async Task Large_values_are_passed_over_while_the_header_is_read_and_then_copied()
    {
        byte[] pixels = new byte[5 << 20];
        new Random(1).NextBytes(pixels);
        await host.Studies.StoreAsync(new RetrieveInstance
        {
            Study = "1.4.14", Series = "1.4.14.1", Sop = "1.4.14.1.1", Syntax = TransferSyntax.ImplicitVRLittleEndian,
            More =
                encoder => encoder.Bytes(DicomTag.PixelData, DicomVR.OW, pixels).Text(DicomTag.DataSetTrailingPadding, DicomVR.OB, "end!"),
        });

        byte[] file = await (await host.GetAsync(Url("1.4.14"), "application/dicom")).Content.ReadAsByteArrayAsync();

        ParseFile(file, out byte[] dataSet).TryGet(DicomTag.PixelData, out DicomElement? element);
        Assert.True(pixels.AsSpan().SequenceEqual(dataSet.AsSpan((int)element!.Bulk!.Offset, (int)element.Bulk.Length)));
        Assert.EndsWith("end!", System.Text.Encoding.Latin1.GetString(file));
    }

    [Theory]
    [InlineData("application/dicom", HttpStatusCode.NotAcceptable)]
    [InlineData("multipart/related; type=\"application/dicom\"", HttpStatusCode.NotAcceptable)]
    [InlineData("multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.4.90", HttpStatusCode.NotAcceptable)]
    [InlineData("multipart/related; type=\"application/dicom\"; transfer-syntax=*", HttpStatusCode.OK)]
    [InlineData("multipart/related; type=application/dicom; transfer-syntax=1.2.840.10008.1.2.4.50", HttpStatusCode.OK)]
    [InlineData(
        "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.90, application/dicom; transfer-syntax=1.2.840.10008.1.2.4.50",
        HttpStatusCode.OK)]
    [InlineData("*/*", HttpStatusCode.OK)]
    [InlineData(null, HttpStatusCode.OK)]
    [InlineData("image/png", HttpStatusCode.NotAcceptable)]
    [InlineData("application/dicom+json", HttpStatusCode.NotAcceptable)]
    public async Task Compressed_instances_leave_only_as_they_are_stored(string? accept, HttpStatusCode expected)
    {
        await host.Studies.StoreAsync(new RetrieveInstance
        {
            Study = "1.4.3", Series = "1.4.3.1", Sop = "1.4.3.1.1", Syntax = TransferSyntax.FromUid(Jpeg),
            More = encoder => encoder.Fragments([0xFF, 0xD8, 1, 2]),
        });

        using HttpResponseMessage response = await host.GetAsync(Url("1.4.3"), accept);

        Assert.Equal(expected, response.StatusCode);
        if (expected == HttpStatusCode.NotAcceptable && accept!.Contains("transfer", StringComparison.Ordinal))
        {
            Assert.Contains(Jpeg, await response.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("application/dicom; transfer-syntax=1.2.840.10008.1.2", HttpStatusCode.NotAcceptable, "")]
    [InlineData(
        "application/dicom; transfer-syntax=1.2.840.10008.1.2, application/dicom; transfer-syntax=1.2.840.10008.1.2.1;q=0.5",
        HttpStatusCode.OK,
        "1.2.840.10008.1.2.1")]
    [InlineData("application/dicom; transfer-syntax=*", HttpStatusCode.OK, "1.2.840.10008.1.2")]
    [InlineData("application/dicom; transfer-syntax=\"*\"", HttpStatusCode.OK, "1.2.840.10008.1.2")]
    public async Task Implicit_vr_leaves_only_as_stored_bytes(string accept, HttpStatusCode expected, string uid)
    {
        await StoreAsync("1.4.4", TransferSyntax.ImplicitVRLittleEndian);

        using HttpResponseMessage response = await host.GetAsync(Url("1.4.4"), accept);

        Assert.Equal(expected, response.StatusCode);
        if (expected == HttpStatusCode.OK)
        {
            Assert.Equal("application/dicom; transfer-syntax=" + uid, response.Content.Headers.ContentType!.ToString());
        }
    }

    [Fact]
    public async Task A_study_comes_in_parts_that_say_what_and_where_they_are()
    {
        byte[] first = await StoreAsync("1.4.5", TransferSyntax.ExplicitVRLittleEndian);
        byte[] second = await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.4.5", Series = "1.4.5.2", Sop = "1.4.5.2.1" });

        using HttpResponseMessage response = await host.GetAsync("/dicom-web/studies/1.4.5");
        List<(string Headers, byte[] Body)> parts = await MultipartParts.ReadAsync(response);

        Assert.Equal(
            "\"application/dicom\"", response.Content.Headers.ContentType!.Parameters.First(parameter => parameter.Name == "type").Value);
        Assert.Equal(2, parts.Count);
        Assert.Equal([first, second], parts.Select(part => part.Body));
        Assert.Contains("Content-Type: application/dicom; transfer-syntax=1.2.840.10008.1.2.1", parts[0].Headers);
        Assert.Contains($"Content-Location: {host.BaseUrl}{Url("1.4.5")}", parts[0].Headers);
    }

    [Fact]
    public async Task Many_instances_are_never_one_body()
    {
        await StoreAsync("1.4.6", TransferSyntax.ExplicitVRLittleEndian);
        await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.4.6", Series = "1.4.6.2", Sop = "1.4.6.2.1" });

        using HttpResponseMessage study = await host.GetAsync("/dicom-web/studies/1.4.6", "application/dicom");
        using HttpResponseMessage series = await host.GetAsync("/dicom-web/studies/1.4.6/series/1.4.6.2", "application/dicom");

        Assert.Equal(HttpStatusCode.NotAcceptable, study.StatusCode);
        Assert.Equal("application/dicom", series.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("bytes=0-9", 0, 10)]
    [InlineData("bytes=100-", 100, -1)]
    [InlineData("bytes=-5", -5, 5)]
    public async Task Ranges_of_an_instance_are_the_bytes_of_the_object(string range, int offset, int length)
    {
        byte[] file = await StoreAsync("1.4.7", TransferSyntax.ExplicitVRLittleEndian);
        offset = offset < 0 ? file.Length + offset : offset;
        length = length < 0 ? file.Length - offset : length;

        using HttpResponseMessage response = await host.GetAsync(Url("1.4.7"), "application/dicom", ("Range", range));

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal($"bytes {offset}-{offset + length - 1}/{file.Length}", response.Content.Headers.ContentRange!.ToString());
        Assert.Equal(file.AsSpan(offset, length).ToArray(), await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_range_after_the_end_is_416_and_a_stale_if_range_gets_everything()
    {
        byte[] file = await StoreAsync("1.4.8", TransferSyntax.ExplicitVRLittleEndian);

        using HttpResponseMessage after = await host.GetAsync(Url("1.4.8"), "application/dicom", ("Range", "bytes=9999999-"));
        using HttpResponseMessage stale =
            await host.GetAsync(Url("1.4.8"), "application/dicom", ("Range", "bytes=0-9"), ("If-Range", "\"other\""));

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, after.StatusCode);
        Assert.Equal($"bytes */{file.Length}", after.Content.Headers.ContentRange!.ToString());
        Assert.Equal(HttpStatusCode.OK, stale.StatusCode);
        Assert.Equal(file.Length, stale.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData("", "application/dicom")]
    [InlineData("", "multipart/related; type=\"application/dicom\"")]
    [InlineData("/metadata", "application/dicom+json")]
    [InlineData("/metadata", "multipart/related; type=\"application/dicom+xml\"")]
    public async Task What_has_not_changed_is_304_and_what_was_replaced_is_sent_again(string resource, string accept)
    {
        string root = "1.4.9." + (resource.Length + accept.Length);
        await StoreAsync(root, TransferSyntax.ExplicitVRLittleEndian);
        using HttpResponseMessage before = await host.GetAsync(Url(root) + resource, accept);
        string tag = before.Headers.ETag!.ToString();

        using HttpResponseMessage same = await host.GetAsync(Url(root) + resource, accept, ("If-None-Match", tag));
        await host.Studies.StoreAsync(Data(root, TransferSyntax.ExplicitVRLittleEndian) with { PatientName = "Other^Name" });
        using HttpResponseMessage after = await host.GetAsync(Url(root) + resource, accept, ("If-None-Match", tag));

        Assert.NotNull(before.Content.Headers.LastModified);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        Assert.NotEqual(tag, after.Headers.ETag!.ToString());
    }

    [Fact]
    public async Task An_instance_not_modified_since_is_304()
    {
        await StoreAsync("1.4.10", TransferSyntax.ExplicitVRLittleEndian);
        using HttpResponseMessage before = await host.GetAsync(Url("1.4.10"), "application/dicom");

        using HttpResponseMessage same = await host.GetAsync(
            Url("1.4.10"), "application/dicom", ("If-Modified-Since", before.Content.Headers.LastModified!.Value.ToString("R")));

        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
    }

    [Theory]
    [InlineData("/dicom-web/studies/1.2.888", HttpStatusCode.NotFound)]
    [InlineData("/dicom-web/studies/1.4.11/series/1.2.888", HttpStatusCode.NotFound)]
    [InlineData("/dicom-web/studies/1.4.11/series/1.4.11.1/instances/1.2.888", HttpStatusCode.NotFound)]
    [InlineData("/dicom-web/studies/1.4.11/series/1.4.11.1/instances/1.2.888/metadata", HttpStatusCode.NotFound)]
    [InlineData("/dicom-web/studies/1.4.11/series/1.4.11.1/instances/1.2.888/frames/1", HttpStatusCode.NotFound)]
    [InlineData("/dicom-web/studies/abc", HttpStatusCode.BadRequest)]
    [InlineData("/dicom-web/studies/1.4.11/rendered", HttpStatusCode.NotImplemented)]
    [InlineData("/dicom-web/studies/1.4.11/series/1.4.11.1/thumbnail", HttpStatusCode.NotImplemented)]
    [InlineData("/wado-rs?requestType=WADO&studyUID=1.4.11", HttpStatusCode.NotImplemented)]
    public async Task What_is_not_there_or_not_supported_is_a_problem(string path, HttpStatusCode expected)
    {
        await StoreAsync("1.4.11", TransferSyntax.ExplicitVRLittleEndian);

        using HttpResponseMessage response = await host.GetAsync(path);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Head_sends_the_headers_of_an_instance_only()
    {
        byte[] file = await StoreAsync("1.4.13", TransferSyntax.ExplicitVRLittleEndian);
        var request = new HttpRequestMessage(HttpMethod.Head, Url("1.4.13"));
        request.Headers.TryAddWithoutValidation("Accept", "application/dicom");

        using HttpResponseMessage response = await host.Client.SendAsync(request);

        Assert.Equal(file.Length, response.Content.Headers.ContentLength);
        Assert.Equal("bytes", response.Headers.AcceptRanges.Single());
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    private static string Url(string root) => $"/dicom-web/studies/{root}/series/{root}.1/instances/{root}.1.1";

    private static RetrieveInstance Data(string root, TransferSyntax syntax) => new()
    {
        Study = root,
        Series = root + ".1",
        Sop = root + ".1.1",
        Syntax = syntax,
        More = encoder => encoder
            .Word(DicomTag.Rows, 50)
            .Word(DicomTag.Columns, 50)
            .Word(DicomTag.BitsAllocated, 16)
            .Sequence(DicomTag.RequestAttributesSequence, item => item.Text(DicomTag.ScheduledProcedureStepID, DicomVR.SH, "S1"))
            .Bytes(DicomTag.PixelData, DicomVR.OW, syntax.IsBigEndian ? Swapped(Pixels) : Pixels),
    };

    private static byte[] Swapped(byte[] words)
    {
        byte[] swapped = [.. words];
        for (int start = 0; start < swapped.Length; start += 2)
        {
            swapped.AsSpan(start, 2).Reverse();
        }

        return swapped;
    }

    private static DicomDataset Parse(byte[] dataSet, TransferSyntax syntax)
    {
        var parser = new DataSetParser(syntax, DicomReaderOptions.Default);
        parser.Feed(dataSet);
        parser.Complete();
        return parser.Dataset;
    }

    private static DicomDataset ParseFile(byte[] file, out byte[] dataSet)
    {
        using var parser = new InstanceParser(DicomReaderOptions.Default);
        parser.Feed(file);
        parser.FinishHead();
        ParsedInstance parsed = parser.Complete();
        dataSet = file[(file.Length - (int)parsed.DataSetLength)..];
        return parsed.Dataset;
    }

    private static string Describe(DicomDataset dataset, byte[] bytes)
        => string.Join('\n', dataset.Elements.Select(element => element switch
        {
            { Items: { } items } => $"{element} [{string.Join(';', items.Select(item => Describe(item, bytes)))}]",
            { Bulk: { } bulk } => $"{element} {Convert.ToHexString(bytes.AsSpan((int)bulk.Offset, (int)bulk.Length))}",
            _ => $"{element} {Convert.ToHexString(element.Value.Span)}",
        }));

    private Task<byte[]> StoreAsync(string root, TransferSyntax syntax) => host.Studies.StoreAsync(Data(root, syntax));
}
