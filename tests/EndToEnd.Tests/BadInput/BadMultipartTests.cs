using System.Text;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.BadInput;

/// <summary>Bodies and Content-Types that break PS3.18 section 10.5.</summary>
[Collection(SharedServer.Collection)]
public sealed class BadMultipartTests(SharedServer shared) : IAsyncLifetime
{
    private const long Announced = 1 << 30;

    /// <summary>More bytes than the sockets of both sides buffer before the answer is read.</summary>
    private const long SocketBuffers = 64 << 20;

    private const int CannotUnderstand = 0xC000;

    private readonly BadInputServer _server = shared.Tested;

    public Task InitializeAsync() => _server.ShouldStoreAsync();

    public Task DisposeAsync() => _server.ShouldBeUnharmedAsync();

    [Fact]
    public async Task A_body_without_its_end_keeps_the_parts_that_came_whole()
    {
        TestInstance first = Sample.New(2000);
        TestInstance second = Sample.New(2000);
        TestInstance cut = Sample.New(200_000);
        byte[] body = BadInputServer.Multipart([first.ToPart10(), second.ToPart10(), cut.ToPart10()]);

        Reply reply = await _server.PostAsAsync(body[..^100_000], BadInputServer.MultipartType);

        reply.ShouldBeModule(202, 2, CannotUnderstand);
        await _server.ShouldReturnAsync(first);
        await _server.ShouldReturnAsync(second);
        await _server.ShouldNotKnowAsync(cut);
    }

    [Theory]
    [InlineData("no boundary line at all", "multipart/related; type=\"application/dicom\"; boundary=b", 400)]
    [InlineData("--other\r\n\r\n\r\n--other--", "multipart/related; type=\"application/dicom\"; boundary=b", 400)]
    [InlineData("", "multipart/related; type=\"application/dicom\"; boundary=b", 400)]
    [InlineData("--b--", "multipart/related; type=\"application/dicom\"; boundary=b", 400)]
    [InlineData("--b\r\nVerborgen\r\n\r\n--b--", "multipart/related; type=\"application/dicom\"; boundary=b", 400)]
    [InlineData("--b\r\n\r\n\r\n--b--", "multipart/related; type=\"application/dicom\"", 400)]
    [InlineData("--b\r\n\r\n\r\n--b--", "multipart/related; type=\"application/dicom\"; boundary=\"\"", 400)]
    [InlineData("{}", "application/json", 415)]
    [InlineData("x", "image/jpeg", 415)]
    [InlineData("x", "multipart/form-data; boundary=b", 415)]
    [InlineData("x", "multipart/related; type=\"application/dicom+json\"; boundary=b", 415)]
    [InlineData("x", "multipart/related; type=\"application/dicom+xml\"; boundary=b", 415)]
    [InlineData("x", "Verborgen", 415)]
    [InlineData("x", null, 415)]
    public async Task A_body_that_cannot_be_taken_apart_is_a_problem(string body, string? contentType, int status)
    {
        Reply reply = await _server.PostAsAsync(Encoding.ASCII.GetBytes(body), contentType);

        reply.ShouldBeProblem(status);
        Sample.ShouldHoldNoSecret(reply.Body);
    }

    [Fact]
    public async Task An_answer_that_cannot_be_had_is_406_before_anything_is_stored()
    {
        TestInstance instance = Sample.New();

        Reply reply = await _server.PostAsAsync(instance.ToPart10(), "application/dicom", accept: "text/html");

        Assert.Contains("application/dicom+json", reply.ShouldBeProblem(406), StringComparison.Ordinal);
        await _server.ShouldNotKnowAsync(instance);
    }

    [Fact]
    public async Task Headers_of_a_part_that_never_end_are_refused_early()
    {
        await using RawConnection connection = await RawConnection.BeginStoreAsync(
            _server.Server, "Content-Type: " + BadInputServer.MultipartType, $"Content-Length: {Announced}");
        await connection.SendAsync("--bad-input\r\nX-Long: ");

        (Reply reply, long sent) =
            await connection.SendUntilAnsweredAsync(Encoding.ASCII.GetBytes(new string('h', 1 << 16)), Announced - 1000);

        Assert.Contains("headers of a part", reply.ShouldBeProblem(400), StringComparison.Ordinal);
        Assert.InRange(sent, 0, SocketBuffers);
    }

    [Fact]
    public async Task More_parts_than_one_request_may_have_are_refused()
    {
        byte[] part = "--bad-input\r\nContent-Type: application/dicom\r\n\r\nno image\r\n"u8.ToArray();
        byte[] block = [.. Enumerable.Repeat(part, 1000).SelectMany(bytes => bytes)];
        await using RawConnection connection = await RawConnection.BeginStoreAsync(
            _server.Server, "Content-Type: " + BadInputServer.MultipartType, $"Content-Length: {block.Length * 100L}");

        (Reply reply, _) = await connection.SendUntilAnsweredAsync(block, block.Length * 100L);

        Assert.Contains("parts", reply.ShouldBeProblem(413), StringComparison.Ordinal);
    }
}
