using ImagingIngestion.Gateways.Dimse.Hosting;

namespace ImagingIngestion.Gateways.Tests.Dimse;

public sealed class ErrorCommentTests
{
    [Theory]
    [InlineData("Short.", "Short.")]
    [InlineData("", null)]
    [InlineData("a\\b\u00e9\nc", "a b  c")]
    [InlineData(
        "The object store is full: free space, then send again, and again and again.",
        "The object store is full: free space, then send again, and...")]
    public void A_comment_is_one_line_of_ascii_without_backslash_cut_at_a_word(string sentence, string? comment)
        => Assert.Equal(comment, ErrorComment.Of(sentence));

    [Fact]
    public void A_comment_never_has_more_than_64_characters()
    {
        for (int length = 1; length < 200; length++)
        {
            Assert.InRange(ErrorComment.Of(new string('x', length))!.Length, 1, 64);
        }
    }
}
