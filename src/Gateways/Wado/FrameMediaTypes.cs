using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Gateways.Http;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Wado;

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
