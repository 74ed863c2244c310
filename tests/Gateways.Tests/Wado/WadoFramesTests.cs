using System.Net;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Gateways.Tests.Wado;

public sealed class WadoFramesTests(RetrieveHost host) : IClassFixture<RetrieveHost>
{
    private const string Octets = "multipart/related; type=\"application/octet-stream\"";
    private const string ExplicitLE = "1.2.840.10008.1.2.1";

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2.1.99")]
    [InlineData("1.2.840.10008.1.2.2")]
    public async Task Native_frames_are_octets_in_little_endian_whatever_is_stored(string uid)
    {
        string root = "1.5.1." + uid;
        byte[] pixels = await StoreNativeAsync(root, TransferSyntax.FromUid(uid));

        using HttpResponseMessage response = await host.GetAsync(Url(root) + "/frames/3,1", Octets);
        List<(string Headers, byte[] Body)> parts = await MultipartParts.ReadAsync(response);

        Assert.Equal([pixels[24..36], pixels[..12]], parts.Select(part => part.Body));
        Assert.Contains($"Content-Type: application/octet-stream; transfer-syntax={ExplicitLE}", parts[0].Headers);
        Assert.Contains($"Content-Location: {host.BaseUrl}{Url(root)}/frames/3", parts[0].Headers);
    }

    [Theory]
    [InlineData(null, "multipart/related", "application/octet-stream")]
    [InlineData("*/*", "multipart/related", "application/octet-stream")]
    [InlineData("application/octet-stream", "application/octet-stream", null)]
    [InlineData("multipart/related; type=application/octet-stream; transfer-syntax=*", "multipart/related", "application/octet-stream")]
    [InlineData(
        "multipart/related; type=\"application/octet-stream\"; transfer-syntax=\"*\"", "multipart/related", "application/octet-stream")]
    [InlineData(
        "application/dicom+json, multipart/related; type=application/octet-stream; transfer-syntax=*",
        "multipart/related",
        "application/octet-stream")]
    [InlineData(
        "multipart/related; type=application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1",
        "multipart/related",
        "application/octet-stream")]
    public async Task Native_frames_suit_the_accept_headers_that_viewers_send(string? accept, string mediaType, string? part)
    {
        byte[] pixels = await StoreNativeAsync("1.5.2", TransferSyntax.ExplicitVRLittleEndian);

        using HttpResponseMessage response = await host.GetAsync(Url("1.5.2") + "/frames/2", accept);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(mediaType, response.Content.Headers.ContentType!.MediaType);
        byte[] body = part is null
            ? await response.Content.ReadAsByteArrayAsync()
            : (await MultipartParts.ReadAsync(response)).Single().Body;
        Assert.Equal(pixels[12..24], body);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.4.50", "image/jpeg")]
    [InlineData("1.2.840.10008.1.2.4.70", "image/jpeg")]
    [InlineData("1.2.840.10008.1.2.4.80", "image/jls")]
    [InlineData("1.2.840.10008.1.2.4.90", "image/jp2")]
    [InlineData("1.2.840.10008.1.2.4.92", "image/jpx")]
    [InlineData("1.2.840.10008.1.2.4.202", "image/jphc")]
    [InlineData("1.2.840.10008.1.2.5", "image/dicom-rle")]
    [InlineData("1.2.840.10008.1.2.4.102", "video/mp4")]
    [InlineData("1.2.840.10008.1.2.4.100", "video/mpeg")]
    [InlineData("1.3.6.1.4.1.99.1", "application/octet-stream")]
    public async Task Compressed_frames_come_by_their_media_type_or_as_octets_with_their_syntax(string uid, string mediaType)
    {
        string root = "1.5.3." + uid;
        await StoreCompressedAsync(root, uid, 1, [0xFF, 0xD8, 1, 2], [3, 4]);

        foreach (string? accept in (string?[])[
            null,
            $"multipart/related; type=\"{mediaType}\"",
            $"multipart/related; type={mediaType}; transfer-syntax={uid}",
            $"multipart/related; type=\"{mediaType}\"; transfer-syntax=*"
        ])
        {
            using HttpResponseMessage response = await host.GetAsync(Url(root) + "/frames/1", accept);
            Assert.True(response.IsSuccessStatusCode, accept);
            (string headers, byte[] body) = Assert.Single(await MultipartParts.ReadAsync(response));
            Assert.Contains($"Content-Type: {mediaType}; transfer-syntax={uid}", headers);
            Assert.Equal([0xFF, 0xD8, 1, 2, 3, 4], body);
        }

        using HttpResponseMessage octets =
            await host.GetAsync(Url(root) + "/frames/1", "multipart/related; type=application/octet-stream; transfer-syntax=*");
        Assert.Contains(
            $"Content-Type: application/octet-stream; transfer-syntax={uid}", (await MultipartParts.ReadAsync(octets)).Single().Headers);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.5", "image/x-dicom-rle")]
    [InlineData("1.2.840.10008.1.2.4.80", "image/x-jls")]
    [InlineData("1.2.840.10008.1.2.4.201", "image/jhc")]
    public async Task Compressed_frames_come_by_the_media_types_that_viewers_still_use(string uid, string mediaType)
    {
        string root = "1.5.6." + uid;
        await StoreCompressedAsync(root, uid, 1, [0xFF, 0xD8, 1, 2]);

        using HttpResponseMessage response =
            await host.GetAsync(Url(root) + "/frames/1", $"multipart/related; type=\"{mediaType}\"; transfer-syntax={uid}");

        Assert.True(response.IsSuccessStatusCode);
        (string headers, byte[] body) = Assert.Single(await MultipartParts.ReadAsync(response));
        Assert.Contains($"Content-Type: {mediaType}; transfer-syntax={uid}", headers);
        Assert.Equal([0xFF, 0xD8, 1, 2], body);
    }

    [Theory]
    [InlineData(Octets)]
    [InlineData("multipart/related; type=\"image/jp2\"")]
    [InlineData("multipart/related; type=\"image/jpeg\"; transfer-syntax=1.2.840.10008.1.2.4.70")]
    public async Task What_would_need_a_codec_is_406_and_names_what_is_stored(string accept)
    {
        await StoreCompressedAsync("1.5.4", "1.2.840.10008.1.2.4.50", 1, [0xFF, 0xD8, 1, 2]);

        using HttpResponseMessage response = await host.GetAsync(Url("1.5.4") + "/frames/1", accept);

        Assert.Equal(HttpStatusCode.NotAcceptable, response.StatusCode);
        Assert.Contains("1.2.840.10008.1.2.4.50", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_single_compressed_frame_can_be_one_body()
    {
        await StoreCompressedAsync("1.5.5", "1.2.840.10008.1.2.4.50", 2, [0xFF, 0xD8, 1, 2], [0xFF, 0xD8, 5, 6]);

        using HttpResponseMessage one = await host.GetAsync(Url("1.5.5") + "/frames/2", "image/jpeg");
        using HttpResponseMessage two = await host.GetAsync(Url("1.5.5") + "/frames/1,2", "image/jpeg");

        Assert.Equal("image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50", one.Content.Headers.ContentType!.ToString());
        Assert.Equal([0xFF, 0xD8, 5, 6], await one.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.NotAcceptable, two.StatusCode);
    }

    [Theory]
    [InlineData("4", HttpStatusCode.NotFound)]
    [InlineData("0", HttpStatusCode.NotFound)]
    [InlineData("1,99999999999999", HttpStatusCode.NotFound)]
    [InlineData("x", HttpStatusCode.BadRequest)]
    [InlineData("1,,2", HttpStatusCode.BadRequest)]
    [InlineData("-1", HttpStatusCode.BadRequest)]
    public async Task Frames_that_are_not_there_are_404_and_what_is_no_list_is_400(string frames, HttpStatusCode expected)
    {
        await StoreNativeAsync("1.5.6", TransferSyntax.ExplicitVRLittleEndian);

        using HttpResponseMessage response = await host.GetAsync(Url("1.5.6") + "/frames/" + frames);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task An_instance_without_pixel_data_has_no_frames()
    {
        await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.5.7", Series = "1.5.7.1", Sop = "1.5.7.1.1" });

        using HttpResponseMessage frames = await host.GetAsync(Url("1.5.7") + "/frames/1");
        using HttpResponseMessage pixels = await host.GetAsync(Url("1.5.7") + "/pixeldata");

        Assert.Equal(HttpStatusCode.NotFound, frames.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, pixels.StatusCode);
    }

    [Fact]
    public async Task Frames_of_packed_bits_each_begin_on_a_byte()
    {
        // Three frames of 3 by 3 bits: 110100101, 011001110, 101010101, the first pixel in the lowest bit.
        byte[] packed = Pack("110100101" + "011001110" + "101010101");
        await host.Studies.StoreAsync(new RetrieveInstance
        {
            Study = "1.5.8", Series = "1.5.8.1", Sop = "1.5.8.1.1",
            More =
                encoder => encoder.Word(DicomTag.SamplesPerPixel, 1).Text(DicomTag.NumberOfFrames, DicomVR.IS, "3").Word(DicomTag.Rows, 3)
                .Word(DicomTag.Columns, 3).Word(DicomTag.BitsAllocated, 1).Bytes(DicomTag.PixelData, DicomVR.OB, packed),
        });

        using HttpResponseMessage response = await host.GetAsync(Url("1.5.8") + "/frames/1,2,3", Octets);

        Assert.Equal(
            [Pack("110100101"), Pack("011001110"), Pack("101010101")],
            (await MultipartParts.ReadAsync(response)).Select(part => part.Body));
    }

    [Theory]
    [InlineData("/pixeldata")]
    [InlineData("/bulkdata/7FE00010")]
    public async Task Native_pixel_data_as_a_whole_is_one_body_with_ranges(string resource)
    {
        byte[] pixels = await StoreNativeAsync("1.5.9", TransferSyntax.ExplicitVRBigEndian);

        using HttpResponseMessage whole = await host.GetAsync(Url("1.5.9") + resource);
        using HttpResponseMessage range = await host.GetAsync(Url("1.5.9") + resource, null, ("Range", "bytes=3-8"));
        using HttpResponseMessage parts = await host.GetAsync(Url("1.5.9") + resource, Octets);

        Assert.Equal(pixels, await whole.Content.ReadAsByteArrayAsync());
        Assert.Equal("bytes", whole.Headers.AcceptRanges.Single());
        Assert.Equal(HttpStatusCode.PartialContent, range.StatusCode);
        Assert.Equal(pixels[3..9], await range.Content.ReadAsByteArrayAsync());
        Assert.Equal(pixels, (await MultipartParts.ReadAsync(parts)).Single().Body);
    }

    [Fact]
    public async Task Video_is_one_body_with_ranges_across_its_fragments()
    {
        await StoreCompressedAsync("1.5.10", "1.2.840.10008.1.2.4.102", 300, [0, 1, 2, 3], [4, 5, 6, 7], [8, 9]);

        using HttpResponseMessage whole = await host.GetAsync(Url("1.5.10") + "/pixeldata?accept=video/mp4");
        using HttpResponseMessage range = await host.GetAsync(Url("1.5.10") + "/pixeldata?accept=video/mp4", null, ("Range", "bytes=2-8"));

        Assert.Equal("video/mp4; transfer-syntax=1.2.840.10008.1.2.4.102", whole.Content.Headers.ContentType!.ToString());
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], await whole.Content.ReadAsByteArrayAsync());
        Assert.Equal([2, 3, 4, 5, 6, 7, 8], await range.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Bulk_data_is_found_by_the_uri_that_the_metadata_names()
    {
        byte[] document = [.. Enumerable.Range(0, 3000).Select(number => (byte)number)];
        await host.Studies.StoreAsync(new RetrieveInstance
        {
            Study = "1.5.11", Series = "1.5.11.1", Sop = "1.5.11.1.1",
            More = encoder => encoder
                .Bytes(DicomTag.EncapsulatedDocument, DicomVR.OB, document)
                .Text(DicomTag.MIMETypeOfEncapsulatedDocument, DicomVR.LO, "application/pdf")
                .Sequence(DicomTag.WaveformSequence, item => item.Bytes(DicomTag.WaveformData, DicomVR.OW, document)),
        });
        string metadata = await host.Client.GetStringAsync(Url("1.5.11") + "/metadata");

        foreach (string path in (string[])["00420011", "54000100/0/54001010"])
        {
            string uri = $"{host.BaseUrl}{Url("1.5.11")}/bulkdata/{path}";
            Assert.Contains($"\"BulkDataURI\":\"{uri}\"", metadata);
            Assert.Equal(document, await host.Client.GetByteArrayAsync(uri));
        }

        using HttpResponseMessage pdf = await host.GetAsync(Url("1.5.11") + "/bulkdata/00420011?accept=application/pdf");
        using HttpResponseMessage unknown = await host.GetAsync(Url("1.5.11") + "/bulkdata/00420012");
        Assert.Equal("application/pdf", pdf.Content.Headers.ContentType!.ToString());
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task Frames_that_have_not_changed_are_304()
    {
        await StoreNativeAsync("1.5.12", TransferSyntax.ExplicitVRLittleEndian);

        foreach (string accept in (string[])["application/octet-stream", Octets])
        {
            using HttpResponseMessage first = await host.GetAsync(Url("1.5.12") + "/frames/1", accept);
            using HttpResponseMessage again =
                await host.GetAsync(Url("1.5.12") + "/frames/1", accept, ("If-None-Match", first.Headers.ETag!.ToString()));
            using HttpResponseMessage other =
                await host.GetAsync(Url("1.5.12") + "/frames/2", accept, ("If-None-Match", first.Headers.ETag!.ToString()));
            Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
            Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        }
    }

    private static string Url(string root) => $"/wado-rs/studies/{root}/series/{root}.1/instances/{root}.1.1";

    private static byte[] Pack(string bits)
    {
        var bytes = new byte[(bits.Length + 7) / 8];
        for (int index = 0; index < bits.Length; index++)
        {
            bytes[index / 8] |= (byte)((bits[index] - '0') << (index % 8));
        }

        return bytes;
    }

    /// <summary>Stores three frames of 2 by 3 words; returns their bytes in little endian.</summary>
    private async Task<byte[]> StoreNativeAsync(string root, TransferSyntax syntax)
    {
        byte[] pixels = [.. Enumerable.Range(1, 36).Select(number => (byte)number)];
        byte[] stored = [.. pixels];
        for (int start = 0; syntax.IsBigEndian && start < stored.Length; start += 2)
        {
            stored.AsSpan(start, 2).Reverse();
        }

        await host.Studies.StoreAsync(new RetrieveInstance
        {
            Study = root, Series = root + ".1", Sop = root + ".1.1", Syntax = syntax,
            More =
                encoder => encoder.Word(DicomTag.SamplesPerPixel, 1).Text(DicomTag.NumberOfFrames, DicomVR.IS, "3").Word(DicomTag.Rows, 2)
                .Word(DicomTag.Columns, 3).Word(DicomTag.BitsAllocated, 16).Bytes(DicomTag.PixelData, DicomVR.OW, stored),
        });
        return pixels;
    }

    private Task StoreCompressedAsync(string root, string uid, int frames, params byte[][] fragments)
        => host.Studies.StoreAsync(new RetrieveInstance
        {
            Study = root, Series = root + ".1", Sop = root + ".1.1", Syntax = TransferSyntax.FromUid(uid),
            More = encoder => encoder.Text(
                DicomTag.NumberOfFrames,
                DicomVR.IS,
                frames.ToString(System.Globalization.CultureInfo.InvariantCulture)).Fragments(fragments),
        });
}
