using ImagingIngestion.Gateways.Http;

namespace ImagingIngestion.Gateways.Tests.Http;

public sealed class MediaTypeTests
{
    [Theory]
    [InlineData("multipart/related; type=\"application/dicom\"; boundary=\"a b;c,d\"", "a b;c,d")]
    [InlineData("multipart/related; type=application/dicom; boundary=abc", "abc")]
    [InlineData("multipart/related;boundary=abc;type=application/dicom", "abc")]
    [InlineData("Multipart/Related; TYPE=\"application/dicom\"; Boundary=AbC", "AbC")]
    [InlineData("multipart/related; type=\"application/dicom\"; boundary=\"a\\\"b\"; start=\"<1>\"", "a\"b")]
    [InlineData(
        "multipart/related; type=\"application/dicom\"; charset=utf-8; transfer-syntax=1.2.840.10008.1.2.1; boundary=--x--", "--x--")]
    [InlineData("multipart/related; type = application/dicom ; boundary = x=y ;", "x=y")]
    public void Quoted_and_unquoted_parameters_are_read(string text, string boundary)
    {
        Assert.True(MediaType.TryParse(text, out MediaType? type));
        Assert.Equal("multipart/related", type.Essence);
        Assert.Equal("application/dicom", type.RelatedType?.Essence);
        Assert.Equal(boundary, type["boundary"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("multipart")]
    [InlineData("/related")]
    [InlineData("a/b c")]
    public void What_is_no_media_type_is_refused(string? text) => Assert.False(MediaType.TryParse(text, out _));

    [Fact]
    public void A_media_type_is_written_so_that_it_reads_back()
    {
        MediaType type = new("multipart", "related", [new("type", "application/dicom"), new("boundary", "a\"\\b"), new("empty", "")]);

        Assert.True(MediaType.TryParse(type.ToString(), out MediaType? back));
        Assert.Equal(type.Parameters, back.Parameters);
        Assert.Equal("multipart/related; type=\"application/dicom\"; boundary=\"a\\\"\\\\b\"; empty=\"\"", type.ToString());
    }

    [Fact]
    public void Hostile_text_is_read_without_harm()
    {
        for (int seed = 0; seed < 5000; seed++)
        {
            Random random = new(seed);
            string text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => "a/*;=,\" \\\tq0.9"[random.Next(14)]));

            Assert.All(MediaRange.ParseList([text]), range => Assert.InRange(range.Quality, 0, 1));
        }
    }
}
