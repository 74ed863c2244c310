using ImagingIngestion.Gateways.Http;
using Microsoft.Extensions.Primitives;

namespace ImagingIngestion.Gateways.Tests.Http;

public sealed class AcceptNegotiationTests
{
    private const string Stored = "1.2.840.10008.1.2.4.70";
    private const string ExplicitLittleEndian = "1.2.840.10008.1.2.1";

    private static readonly Representation Json = new("application/dicom+json", false);
    private static readonly Representation Xml = new("application/dicom+xml", true);
    private static readonly Representation DicomParts = new("application/dicom", true)
    {
        TransferSyntaxes = [Stored, ExplicitLittleEndian]
    };
    private static readonly Representation DicomAlone = new("application/dicom", false)
    {
        TransferSyntaxes = [Stored, ExplicitLittleEndian]
    };
    private static readonly Representation FrameParts = new("application/octet-stream", true)
    {
        TransferSyntaxes = [Stored, ExplicitLittleEndian]
    };

    [Theory]
    [InlineData(null, "application/dicom+json")]
    [InlineData("", "application/dicom+json")]
    [InlineData("*/*", "application/dicom+json")]
    [InlineData("*", "application/dicom+json")]
    [InlineData("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "application/dicom+json")]
    [InlineData("application/*", "application/dicom+json")]
    [InlineData("application/dicom+json", "application/dicom+json")]
    [InlineData("APPLICATION/DICOM+JSON", "application/dicom+json")]
    [InlineData("application/dicom+json; charset=utf-8", "application/dicom+json")]
    [InlineData("application/dicom+json, multipart/related; type=application/octet-stream", "application/dicom+json")]
    [InlineData("multipart/related; type=application/octet-stream; transfer-syntax=*, application/dicom+json", "application/dicom+json")]
    [InlineData("multipart/related; type=\"application/dicom+xml\"", "application/dicom+xml")]
    [InlineData("multipart/related; type=application/dicom+xml", "application/dicom+xml")]
    [InlineData("multipart/related;type=\"multipart/related\";type=application/dicom+xml", "application/dicom+xml")]
    [InlineData("multipart/related", "application/dicom+xml")]
    [InlineData("multipart/*", "application/dicom+xml")]
    [InlineData("application/dicom+json;q=0.5, multipart/related;type=\"application/dicom+xml\";q=0.9", "application/dicom+xml")]
    [InlineData("application/dicom+json;q=0, */*;q=0.1", "application/dicom+xml")]
    [InlineData("*/*;q=0.1, application/dicom+json;q=0.5", "application/dicom+json")]
    [InlineData("application/dicom+json; q=\"0.7\" , ,garbage garbage;;", "application/dicom+json")]
    public void Metadata_is_sent_as_the_client_asks(string? accept, string expected)
        => Assert.Equal(expected, Choose(accept, Json, Xml).Chosen?.MediaType);

    [Theory]
    [InlineData("application/dicom+xml")]
    [InlineData("image/jpeg")]
    [InlineData("multipart/related; type=\"application/dicom+json\"")]
    [InlineData("application/dicom+json;q=0")]
    [InlineData("image/*, text/html")]
    public void What_cannot_be_sent_is_not_acceptable(string accept)
        => Assert.Equal(406, Choose(accept, Json, Xml).Status);

    [Theory]
    [InlineData("garbage")]
    [InlineData("application/dicom, image/jpeg")]
    [InlineData("multipart/related; type=\"application/dicom\", image/*")]
    public void An_accept_that_cannot_be_meant_is_a_bad_request(string accept)
        => Assert.Equal(400, Choose(accept, DicomParts).Status);

    [Theory]
    [InlineData("multipart/related; type=\"application/dicom\"", ExplicitLittleEndian)]
    [InlineData("*/*", ExplicitLittleEndian)]
    [InlineData("multipart/related; type=\"application/dicom\"; transfer-syntax=*", Stored)]
    [InlineData("multipart/related; type=\"application/dicom\"; transfer-syntax=\"*\"", Stored)]
    [InlineData("multipart/related; type=application/dicom; transfer-syntax=" + ExplicitLittleEndian
        + ", multipart/related; type=application/dicom; transfer-syntax=" + Stored, Stored)]
    [InlineData("multipart/related; type=application/dicom; transfer-syntax=" + ExplicitLittleEndian
        + ", multipart/related; type=application/dicom; transfer-syntax=" + Stored + ";q=0.5", ExplicitLittleEndian)]
    [InlineData("multipart/related; type=application/dicom; transfer-syntax=*;q=0.3, multipart/related; type=application/dicom; "
        + "transfer-syntax=" + Stored + ";q=0", ExplicitLittleEndian)]
    [InlineData("multipart/related; type=application/dicom; transfer-syntax=1.2.840.10008.1.2.4.50, */*;q=0.1", ExplicitLittleEndian)]
    public void The_transfer_syntax_is_the_default_the_stored_one_or_the_best_named(string accept, string expected)
        => Assert.Equal(expected, Choose(accept, DicomParts).TransferSyntaxUid);

    [Fact]
    public void A_transfer_syntax_that_cannot_be_made_is_not_acceptable()
        => Assert.Equal(
            406, Choose("multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.4.50", DicomParts).Status);

    [Fact]
    public void Single_part_and_multipart_are_told_apart()
    {
        Assert.False(Choose("application/dicom", DicomParts, DicomAlone).Chosen?.IsMultipart);
        Assert.True(Choose("multipart/related; type=application/dicom", DicomAlone, DicomParts).Chosen?.IsMultipart);
        Assert.Equal(406, Choose("application/dicom", DicomParts).Status);
    }

    [Fact]
    public void Frames_are_sent_as_viewers_ask_for_them()
    {
        Negotiation frames = Choose("multipart/related; type=application/octet-stream; transfer-syntax=*", FrameParts);

        Assert.Equal(FrameParts, frames.Chosen);
        Assert.Equal(Stored, frames.TransferSyntaxUid);
    }

    [Fact]
    public void The_query_parameter_goes_before_the_header_and_falls_back_to_it()
    {
        Assert.Equal(
            Json, AcceptNegotiation.Choose("application/dicom json", "multipart/related; type=application/dicom+xml", [Xml, Json]).Chosen);
        Assert.Equal(Xml, AcceptNegotiation.Choose("image/gif", "multipart/related; type=application/dicom+xml", [Json, Xml]).Chosen);
        Assert.Equal(406, AcceptNegotiation.Choose("image/gif", StringValues.Empty, [Json, Xml]).Status);
    }

    [Fact]
    public void Several_header_lines_are_one_list()
        => Assert.Equal(Json, AcceptNegotiation.Choose(
            default,
            new StringValues(["text/html;q=0.2", "application/dicom+json"]),
            [Xml, Json]) is { Status: 200 } chosen ? chosen.Chosen : null);

    [Fact]
    public void Preferences_choose_instance_by_instance()
    {
        TransferSyntaxPreference preference = Choose(
            $"multipart/related; type=application/dicom; transfer-syntax={Stored}, multipart/related; type=application/dicom",
            new Representation("application/dicom", true)).Syntaxes;

        Assert.Equal(Stored, preference.Choose([Stored], ExplicitLittleEndian));
        Assert.Equal(ExplicitLittleEndian, preference.Choose(["1.2.840.10008.1.2", ExplicitLittleEndian], ExplicitLittleEndian));
        Assert.Null(preference.Choose(["1.2.840.10008.1.2.4.50"], ExplicitLittleEndian));
        Assert.Equal([Stored], preference.Named);
    }

    private static Negotiation Choose(string? accept, params Representation[] offers)
        => AcceptNegotiation.Choose(StringValues.Empty, accept is null ? StringValues.Empty : new StringValues(accept), offers);
}
