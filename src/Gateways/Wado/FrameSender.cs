using ImagingIngestion.Dicom;
using ImagingIngestion.Grains;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways;

/// <summary>
/// Sends frames of one instance (PS3.18 section 10.4.1.1.6): native ones as octets in little endian, compressed ones as stored, each in a part
/// of its own, or one alone as a single body.
/// </summary>
internal sealed class FrameSender(RetrieveServices services)
{
    /// <param name="context">The request.</param>
    /// <param name="instance">The row.</param>
    /// <param name="layout">Where its frames are.</param>
    /// <param name="frames">1-based, all of them within the index.</param>
    /// <param name="location">The URL of one frame.</param>
    public async Task SendAsync(HttpContext context, InstanceState instance, InstanceLayout layout, IReadOnlyList<int> frames, Func<int, string> location)
    {
        FrameIndex index = layout.Frames!;
        if (FrameMediaTypes.OctetSyntax(TransferSyntax.FromUid(instance.TransferSyntaxUid), index.Tag, index.IsEncapsulated) is not { } octetSyntax)
        {
            await FrameMediaTypes.WriteContradictionAsync(context);
            return;
        }

        Representation[] offers = Offers(octetSyntax, index.IsEncapsulated, frames.Count == 1);
        Negotiation negotiation = AcceptNegotiation.Choose(context.Request, offers);
        if (negotiation.Chosen is not { } chosen)
        {
            await AcceptNegotiation.WriteRefusalAsync(context, negotiation, offers);
            return;
        }

        string contentType = $"{chosen.MediaType}; transfer-syntax={negotiation.TransferSyntaxUid}";
        BulkLocation? pixelData = index.IsEncapsulated ? null : layout.Bulk.First(bulk => bulk.Path == index.Tag.ToHex());
        await using var bytes = new InstanceBytes(services.Objects, instance, layout.Encoding);
        if (!chosen.IsMultipart)
        {
            BinaryContent content = BinaryContent.OfFrame(index.GetFrame(frames[0] - 1), pixelData);
            string tag = EntityTag.Of(instance.Hash.Hex, location(frames[0]), contentType);
            await new SinglePart(contentType, location(frames[0]), tag, instance.StoredAt, content.Length).SendAsync(
                context, (offset, length, output, token) => content.CopyToAsync(bytes, offset, length, output, token));
            return;
        }

        string entity = EntityTag.Of(instance.Hash.Hex, string.Join(',', frames), location(0), contentType, "multipart");
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

        foreach (int frame in frames)
        {
            BinaryContent content = BinaryContent.OfFrame(index.GetFrame(frame - 1), pixelData);
            multipart.BeginPart(contentType, location(frame));
            await content.CopyToAsync(bytes, 0, content.Length, multipart.Output, context.RequestAborted);
        }

        multipart.End();
        await multipart.Output.FlushAsync(context.RequestAborted);
    }

    private static Representation[] Offers(string uid, bool isEncapsulated, bool isOne)
    {
        List<Representation> offers = [];
        if (isEncapsulated && FrameMediaTypes.Of(uid) is { } mediaType)
        {
            // A client that asks for the media type alone takes what is stored of it; as octets it must name the syntax, because nothing else tells what they are.
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
