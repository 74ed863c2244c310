using System.Text;
using ImagingIngestion.Gateways.Http;

namespace ImagingIngestion.Gateways.Tests.Http;

public sealed class MultipartReaderTests
{
    private const string Boundary = "MESSAGE_BOUNDARY";

    [Fact]
    public async Task Parts_are_the_same_wherever_the_transport_splits_the_message()
    {
        byte[][] parts =
        [
            Bytes("first\r\n--MESSAGE_BOUNDAR"),
            Bytes(""),
            Bytes("\r\n--MESSAGE_BOUNDARYx\r\n\r\n-\r\n"),
            Bytes("\r\n\r\n\r")
        ];
        byte[] body = MultipartMessages.Build(Boundary, parts);

        for (int cut = 0; cut <= body.Length; cut++)
        {
            ReadOutcome outcome = await MultipartMessages.ReadAsync(body, Boundary, [cut]);

            AssertParts(parts, outcome);
        }
    }

    [Fact]
    public async Task Parts_are_the_same_when_every_byte_comes_alone()
    {
        byte[][] parts = [Bytes("a\r\n--MESSAGE_BOUNDARY-"), Bytes("\r\r\n\r\n--"), Bytes("x")];
        byte[] body = MultipartMessages.Build(Boundary, parts);

        ReadOutcome outcome = await MultipartMessages.ReadAsync(body, Boundary, Enumerable.Range(1, body.Length - 1), segmentSize: 1);

        AssertParts(parts, outcome);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(19)]
    [InlineData(20)]
    [InlineData(21)]
    [InlineData(64)]
    public async Task Parts_are_the_same_whatever_the_segments_of_the_buffer(int segmentLength)
    {
        byte[][] parts = [Bytes("\r\n--MESSAGE_BOUNDAR\r\n--MESSAGE_BOUNDARYY"), Bytes(new string('\r', 50)), Bytes("")];

        ReadOutcome outcome = await MultipartMessages.ReadSegmentsAsync(MultipartMessages.Build(Boundary, parts), Boundary, segmentLength);

        AssertParts(parts, outcome);
    }

    [Fact]
    public async Task A_boundary_longer_than_RFC_2046_allows_is_read_as_well()
    {
        string boundary = new('b', 73);
        byte[][] parts = [Bytes("one"), Bytes("\r\n--" + boundary[..72])];

        ReadOutcome outcome = await MultipartMessages.ReadAsync(MultipartMessages.Build(boundary, parts), boundary, []);

        AssertParts(parts, outcome);
    }

    [Fact]
    public async Task Random_messages_read_back_from_random_reads()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            Random random = new(seed);
            string boundary = RandomBoundary(random);
            byte[][] parts = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => RandomPart(random, boundary))];
            byte[] body = MultipartMessages.Build(boundary, parts);
            int[] cuts = [.. Enumerable.Range(0, random.Next(0, 12)).Select(_ => random.Next(body.Length + 1)).Order()];

            ReadOutcome outcome = await MultipartMessages.ReadAsync(body, boundary, cuts, segmentSize: random.Next(1, 64));

            AssertParts(parts, outcome);
        }
    }

    [Fact]
    public async Task Preamble_epilogue_padding_and_bare_line_feeds_are_tolerated()
    {
        byte[] body = Bytes("preamble --b\r\nmore\r\n--b \t\r\nContent-Type: application/dicom\nX: 1\n\nDATA\r\n--b\nA: b\r\n "
            + "folded\r\n\r\nMORE\r\n--b--\r\nepilogue --b\r\n");

        ReadOutcome outcome = await MultipartMessages.ReadAsync(body, "b", [5, 30]);

        Assert.Equal(["DATA", "MORE"], outcome.Parts.Select(Encoding.ASCII.GetString));
        Assert.Null(outcome.Fault);
        Assert.False(outcome.IsFinalBoundaryMissing);
    }

    [Fact]
    public async Task A_missing_final_boundary_costs_the_last_part_only()
    {
        byte[] whole = MultipartMessages.Build(Boundary, Bytes("one"), Bytes("two"), Bytes("three"));
        byte[] cut = whole[..^Bytes("ree\r\n--MESSAGE_BOUNDARY--\r\n").Length];

        ReadOutcome outcome = await MultipartMessages.ReadAsync(cut, Boundary, []);

        Assert.Equal(["one", "two"], outcome.Parts.Select(Encoding.ASCII.GetString));
        Assert.Equal(MultipartFault.Truncated, outcome.Fault);
        Assert.True(outcome.IsFinalBoundaryMissing);
    }

    [Theory]
    [InlineData("--b\r\n\r\nDATA\r\n--b")]
    [InlineData("--b\r\n\r\nDATA\r\n--b\r\n")]
    [InlineData("--b\r\n\r\nDATA\r\n--b-")]
    public async Task A_body_that_stops_at_a_boundary_ended_its_last_part(string body)
    {
        ReadOutcome outcome = await MultipartMessages.ReadAsync(Bytes(body), "b", []);

        Assert.Equal(["DATA"], outcome.Parts.Select(Encoding.ASCII.GetString));
        Assert.Null(outcome.Fault);
        Assert.True(outcome.IsFinalBoundaryMissing);
    }

    [Theory]
    [InlineData("--b\nContent-Type: application/dicom\n\none\r\n--b\n\ntwo\n\n--b--\n")]
    [InlineData("preamble\n--b\n\none\r\n--b\nA: b\n\ntwo\n\n--b--")]
    public async Task Lines_may_end_with_LF_alone_and_then_CR_belongs_to_the_part(string text)
    {
        byte[] body = Bytes(text);
        for (int cut = 1; cut < body.Length; cut++)
        {
            ReadOutcome outcome = await MultipartMessages.ReadAsync(body, "b", [cut]);

            Assert.Equal(["one\r", "two\n"], outcome.Parts.Select(Encoding.ASCII.GetString));
            Assert.Null(outcome.Fault);
        }
    }

    [Fact]
    public async Task In_a_body_with_CRLF_a_boundary_after_LF_alone_is_content()
    {
        ReadOutcome outcome = await MultipartMessages.ReadAsync(Bytes("--b\r\n\r\none\n--b\ntwo\r\n--b--\r\n"), "b", []);

        Assert.Equal(["one\n--b\ntwo"], outcome.Parts.Select(Encoding.ASCII.GetString));
    }

    [Theory]
    [InlineData("", MultipartFault.Malformed)]
    [InlineData("no boundary at all", MultipartFault.Malformed)]
    [InlineData("--other\r\n\r\nDATA\r\n--other--", MultipartFault.Malformed)]
    [InlineData("--b\r\nno colon here\r\n\r\nDATA\r\n--b--", MultipartFault.Malformed)]
    [InlineData("--b\r\nContent-Type: app", MultipartFault.Truncated)]
    public async Task A_malformed_body_is_told_by_a_typed_fault(string body, MultipartFault fault)
        => Assert.Equal(fault, (await MultipartMessages.ReadAsync(Bytes(body), "b", [])).Fault);

    [Fact]
    public async Task Long_headers_many_headers_and_a_long_preamble_are_refused()
    {
        string manyHeaders = string.Concat(Enumerable.Repeat("A: b\r\n", 65));

        Assert.Equal(
            MultipartFault.TooLarge, (await MultipartMessages.ReadAsync(Bytes("--b\r\nX: " + new string('x', 17_000)), "b", [])).Fault);
        Assert.Equal(MultipartFault.TooLarge, (await MultipartMessages.ReadAsync(Bytes("--b\r\n" + manyHeaders + "\r\n"), "b", [])).Fault);
        Assert.Equal(MultipartFault.TooLarge, (await MultipartMessages.ReadAsync(new byte[70_000], "b", [])).Fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("boundary-é")]
    public void A_boundary_outside_the_rules_is_refused(string boundary)
        => Assert.Throws<MultipartException>(() => new MultipartReader(System.IO.Pipelines.PipeReader.Create(Stream.Null), boundary));

    [Fact]
    public void A_boundary_of_any_length_is_not_taken()
        => A_boundary_outside_the_rules_is_refused(new string('b', MultipartReader.MaxBoundaryLength + 1));

    [Fact]
    public async Task Headers_of_a_part_are_found_in_any_case()
    {
        System.IO.Pipelines.PipeReader pipe = System.IO.Pipelines.PipeReader.Create(new MemoryStream(
            Bytes("--b\r\ncontent-TYPE: application/dicom; transfer-syntax=1.2.3\r\nContent-Location : http://x/y\r\n\r\n\r\n--b--")));
        using MultipartReader reader = new(pipe, "b");

        MultipartPart part = (await reader.ReadPartAsync(CancellationToken.None))!;

        Assert.Equal("application/dicom", part.ContentType?.Essence);
        Assert.Equal("1.2.3", part.ContentType?["transfer-syntax"]);
        Assert.Equal("http://x/y", part.ContentLocation);
        Assert.Null(await reader.ReadPartAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Parts_that_were_not_read_are_skipped()
    {
        System.IO.Pipelines.PipeReader pipe = System.IO.Pipelines.PipeReader.Create(
            new MemoryStream(MultipartMessages.Build("b", new byte[100_000], Bytes("second"))));
        using MultipartReader reader = new(pipe, "b");

        MultipartPart first = (await reader.ReadPartAsync(CancellationToken.None))!;
        MultipartPart second = (await reader.ReadPartAsync(CancellationToken.None))!;

        Assert.True((await first.ReadAsync(CancellationToken.None)).IsEmpty);
        Assert.Equal("second", Encoding.ASCII.GetString((await second.ReadAsync(CancellationToken.None)).FirstSpan));
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static void AssertParts(byte[][] expected, ReadOutcome outcome)
    {
        Assert.Null(outcome.Fault);
        Assert.False(outcome.IsFinalBoundaryMissing);
        Assert.Equal(expected.Select(Convert.ToHexString), outcome.Parts.Select(Convert.ToHexString));
    }

    private static string RandomBoundary(Random random)
    {
        const string alphabet = "'()+_,-./:=?0123456789abcXYZ";
        return string.Concat(
            Enumerable.Range(0, random.Next(1, MultipartReader.MaxBoundaryLength + 1)).Select(_ => alphabet[random.Next(alphabet.Length)]));
    }

    /// <summary>
    /// Bytes made of pieces of the delimiter, so that near misses are the rule. A piece of the whole delimiter is followed by a letter.
    /// </summary>
    private static byte[] RandomPart(Random random, string boundary)
    {
        string delimiter = "\r\n--" + boundary;
        StringBuilder part = new("x");
        for (int count = random.Next(20); count > 0; count--)
        {
            int length = random.Next(delimiter.Length + 1);
            part.Append(delimiter.AsSpan(0, length)).Append("Q\0z"[random.Next(3)]);
        }

        return Bytes(part.ToString());
    }
}
