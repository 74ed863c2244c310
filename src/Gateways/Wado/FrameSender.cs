using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.State;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>Sends frames of one instance (PS3.18 section 10.4.1.1.6).</summary>
/// <remarks>
/// Native frames are sent as octets in little endian, compressed ones as stored. Each has a part of its own, or one frame is a single body.
/// </remarks>
internal sealed class FrameSender(VerifiedObjects objects)
{
    private const int FewFrames = 1_000;

    /// <param name="context">The request.</param>
    /// <param name="instance">The row.</param>
    /// <param name="layout">Where its frames are.</param>
    /// <param name="frames">1-based, all of them within the index.</param>
    /// <param name="location">The URL of one frame.</param>
    /// <param name="share">Covers the layout.</param>
    public Task SendAsync(
        HttpContext context,
        InstanceState instance,
        InstanceLayout layout,
        IReadOnlyList<int> frames,
        Func<int, string> location,
        HeaderShare share)
    {
        FrameIndex index = layout.Frames!;
        if (FrameMediaTypes.OctetSyntax(
            TransferSyntax.FromUid(instance.TransferSyntaxUid), index.Tag, index.IsEncapsulated) is not { } octetSyntax)
        {
            return FrameMediaTypes.WriteContradictionAsync(context);
        }

        Representation[] offers = Offers(octetSyntax, index.IsEncapsulated, frames.Count == 1);
        BulkLocation? pixelData = index.IsEncapsulated ? null : layout.Bulk.First(bulk => bulk.Path == index.Tag.ToHex());
        if (frames.Count > FewFrames)
        {
            IEnumerable<BinaryContent> many = frames.Select(frame => BinaryContent.OfFrame(index.GetFrame(frame - 1), pixelData));
            return share.SendAsync(
                token => SendAsync(context, instance, layout.Encoding, offers, many, frames, location, token), context.RequestAborted);
        }

        // An index of many frames is not held while the answer is sent.
        BinaryContent[] few = [.. frames.Select(frame => BinaryContent.OfFrame(index.GetFrame(frame - 1), pixelData))];
        share.Release();
        return SendAsync(context, instance, layout.Encoding, offers, few, frames, location, context.RequestAborted);
    }

    private async Task SendAsync(
        HttpContext context, InstanceState instance, StoredEncoding encoding, Representation[] offers, IEnumerable<BinaryContent> contents,
        IReadOnlyList<int> frames, Func<int, string> location, CancellationToken cancellationToken)
    {
        if (context.Request.Headers.Range.Count > 0)
        {
            // Only a single body has ranges: a client that asks for one and takes anything gets that.
            offers = [.. offers.OrderBy(offer => offer.IsMultipart)];
        }

        Negotiation negotiation = AcceptNegotiation.Choose(context.Request, offers);
        if (negotiation.Chosen is not { } chosen)
        {
            await AcceptNegotiation.WriteRefusalAsync(context, negotiation, offers);
            return;
        }

        string contentType = $"{chosen.MediaType}; transfer-syntax={negotiation.TransferSyntaxUid}";
        await using var bytes = new InstanceBytes(objects, instance, encoding);
        if (!chosen.IsMultipart)
        {
            BinaryContent content = contents.First();
            string tag = EntityTag.Of(instance.Hash.Hex, instance.Object.Value, location(frames[0]), contentType);
            await new SinglePart(contentType, location(frames[0]), tag, instance.StoredAt, content.Length).SendAsync(
                context, (offset, length, output, token) => content.CopyToAsync(bytes, offset, length, output, token));
            return;
        }

        string entity = EntityTag.Of(
            instance.Hash.Hex, instance.Object.Value, string.Join(',', frames), location(0), contentType, "multipart");
        if (CacheHeaders.IsNotModified(context, entity, instance.StoredAt))
        {
            return;
        }

        var multipart = new MultipartWriter(context.Response.BodyWriter);
        context.Response.ContentType = multipart.ContentType(chosen.MediaType, negotiation.TransferSyntaxUid);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        foreach ((int frame, BinaryContent content) in frames.Zip(contents))
        {
            multipart.BeginPart(contentType, location(frame));
            await content.CopyToAsync(bytes, 0, content.Length, multipart.Output, cancellationToken);
        }

        multipart.End();
        await multipart.Output.FlushAsync(cancellationToken);
    }

    private static Representation[] Offers(string uid, bool isEncapsulated, bool isOne)
    {
        List<Representation> offers = [];
        if (isEncapsulated && FrameMediaTypes.Of(uid) is { } mediaType)
        {
            // A client that asks for the media type alone takes what is stored of it; as octets it must name the syntax, because nothing
            // else tells what they are.
            AddOffers(offers, mediaType, uid, uid, isOne);
            AddOffers(offers, FrameMediaTypes.OctetStream, uid, TransferSyntax.ExplicitVRLittleEndian.Uid, isOne);
            if (FrameMediaTypes.FormerOf(uid) is { } former)
            {
                AddOffers(offers, former, uid, uid, isOne);
            }
        }
        else
        {
            AddOffers(offers, FrameMediaTypes.OctetStream, uid, uid, isOne);
        }

        return [.. offers];
    }

    private static void AddOffers(List<Representation> offers, string mediaType, string uid, string defaultUid, bool isOne)
    {
        var multipart = new Representation(mediaType, true) { TransferSyntaxes = [uid], DefaultTransferSyntax = defaultUid };
        offers.Add(multipart);
        if (isOne)
        {
            offers.Add(multipart with { IsMultipart = false });
        }
    }
}

/// <summary>The media type of one compressed frame by transfer syntax (PS3.18 tables 8.7.3-2, 8.7.3-3 and 8.7.3-5).</summary>
internal static class FrameMediaTypes
{
    public const string OctetStream = "application/octet-stream";

    private const string Root = "1.2.840.10008.1.2.";

    /// <summary>
    /// The transfer syntax that octets of pixel data are labelled with; null where they fit none, because pixel data and transfer syntax
    /// contradict each other.
    /// </summary>
    /// <param name="stored">Of the instance.</param>
    /// <param name="element">That holds the pixels; only Pixel Data depends on the transfer syntax.</param>
    /// <param name="isEncapsulated">It holds fragments.</param>
    public static string? OctetSyntax(TransferSyntax stored, DicomTag element, bool isEncapsulated)
        => element != DicomTag.PixelData ? TransferSyntax.ExplicitVRLittleEndian.Uid
            : stored.Contradicts(isEncapsulated) ? null
            : stored.IsNative ? TransferSyntax.ExplicitVRLittleEndian.Uid
            : stored.Uid;

    /// <summary>Writes the answer for a null <see cref="OctetSyntax"/>.</summary>
    public static Task WriteContradictionAsync(HttpContext context)
        => Problem.WriteAsync(context, StatusCodes.Status406NotAcceptable, "Pixel data that is not what its transfer syntax says",
            "The pixel data is compressed under a native transfer syntax, or native under a compressed one; retrieve the instance as "
                + "application/dicom with transfer-syntax=*.");

    /// <summary>Null for syntaxes whose frames have no media type of their own; they go out as <see cref="OctetStream"/>.</summary>
    public static string? Of(string transferSyntaxUid)
        => !transferSyntaxUid.StartsWith(Root, StringComparison.Ordinal) ? null : transferSyntaxUid[Root.Length..] switch
        {
            "4.50" or "4.51" or "4.57" or "4.70" => "image/jpeg",
            "4.80" or "4.81" => "image/jls",
            "4.90" or "4.91" => "image/jp2",
            "4.92" or "4.93" => "image/jpx",
            "4.201" or "4.202" or "4.203" => "image/jphc",
            "4.110" or "4.111" or "4.112" => "image/jxl",
            "5" => "image/dicom-rle",
            "4.100" or "4.100.1" or "4.101" or "4.101.1" => "video/mpeg",
            "4.107" or "4.108" => "video/H265",
            ['4', '.', '1', '0', >= '2' and <= '6', ..] => "video/mp4",
            _ => null,
        };

    /// <summary>
    /// The name that earlier editions or known clients (dicomweb-client, OHIF) give the media type of the syntax; null where there is none.
    /// </summary>
    public static string? FormerOf(string transferSyntaxUid)
        => Of(transferSyntaxUid) switch
        {
            "image/dicom-rle" => "image/x-dicom-rle",
            "image/jls" => "image/x-jls",
            "image/jphc" => "image/jhc",
            _ => null,
        };
}
