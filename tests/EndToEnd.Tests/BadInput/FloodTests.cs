using System.IO.Compression;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.BadInput;

/// <summary>Bytes without end: the server refuses them as soon as it can, or skips them within bounded memory.</summary>
[Collection(SharedServer.Collection)]
public sealed class FloodTests(SharedServer shared) : IAsyncLifetime
{
    private const int CannotUnderstand = 0xC000;
    private const long Gibibyte = 1L << 30;
    private const long Early = 64 << 20;

    private static readonly byte[] Zeros = new byte[1 << 20];

    private readonly BadInputServer _server = shared.Tested;

    public Task InitializeAsync() => _server.ShouldStoreAsync();

    public Task DisposeAsync() => _server.ShouldBeUnharmedAsync();

    [Fact]
    public async Task A_gibibyte_of_zeros_is_refused_before_most_of_it_is_sent()
    {
        await using RawConnection connection = await RawConnection.BeginStoreAsync(_server.Server, $"Content-Length: {Gibibyte}");

        (Reply reply, long sent) = await connection.SendUntilAnsweredAsync(Zeros, Gibibyte);

        reply.ShouldBeModule(409, 0, CannotUnderstand);
        Assert.InRange(sent, 0, Early);
    }

    [Fact]
    public async Task A_gibibyte_of_zeros_in_a_part_does_not_keep_the_next_part_from_being_stored()
    {
        TestInstance good = Sample.New();
        byte[] start = "--bad-input\r\nContent-Type: application/dicom\r\n\r\n"u8.ToArray();
        byte[] next = BadInputServer.Multipart([good.ToPart10()]);
        await using RawConnection connection = await RawConnection.BeginStoreAsync(
            _server.Server, "Content-Type: " + BadInputServer.MultipartType, $"Content-Length: {start.Length + Gibibyte + next.Length}");

        await connection.SendAsync(start);
        for (long sent = 0; sent < Gibibyte; sent += Zeros.Length)
        {
            await connection.SendAsync(Zeros);
        }

        await connection.SendAsync(next);
        (await connection.ReadReplyAsync()).ShouldBeModule(202, 1, CannotUnderstand);
        await _server.ShouldReturnAsync(good);
    }

    [Fact]
    public async Task A_gibibyte_of_zeros_without_a_boundary_is_refused_early()
    {
        await using RawConnection connection = await RawConnection.BeginStoreAsync(
            _server.Server, "Content-Type: " + BadInputServer.MultipartType, $"Content-Length: {Gibibyte}");

        (Reply reply, long sent) = await connection.SendUntilAnsweredAsync(Zeros, Gibibyte);

        Assert.Contains("boundary", reply.ShouldBeProblem(400), StringComparison.Ordinal);
        Assert.InRange(sent, 0, Early);
    }

    [Fact]
    public async Task A_header_of_300_MB_is_refused_at_its_limit()
    {
        TestInstance instance = Sample.New();
        byte[] start = Sample.FileWith(instance, _ => { });
        ElementWriter text = new(Wire.ExplicitLittle);
        text.Element(0x4001_0010, "UT", new byte[200 << 10]);
        await using RawConnection connection =
            await RawConnection.BeginStoreAsync(_server.Server, $"Content-Length: {start.Length + (300L << 20)}");

        await connection.SendAsync(start);
        (Reply reply, long sent) = await connection.SendUntilAnsweredAsync(text.ToArray(), 300L << 20);

        reply.ShouldBeModule(409, 0, CannotUnderstand);
        Sample.ShouldHoldNoSecret(reply.Body);
        Assert.InRange(sent, 0, 100 << 20);
        await _server.ShouldNotKnowAsync(instance);
    }

    [Fact]
    public async Task One_value_of_300_MB_is_refused_when_it_is_announced()
    {
        byte[] start = Sample.FileWith(Sample.New(), writer => writer.Header(0x4001_0010, "UR", 300 << 20));
        await using RawConnection connection =
            await RawConnection.BeginStoreAsync(_server.Server, $"Content-Length: {start.Length + (300L << 20)}");

        await connection.SendAsync(start);
        (Reply reply, long sent) = await connection.SendUntilAnsweredAsync(Zeros, 300L << 20);

        reply.ShouldBeModule(409, 0, CannotUnderstand);
        Assert.InRange(sent, 0, Early);
    }

    [Fact]
    public async Task A_deflate_bomb_is_refused_at_its_limit()
    {
        TestInstance bomb = Sample.New() with { TransferSyntaxUid = Syntax.Deflated };
        byte[] dataSet = Sample.FileWith(
            bomb with { TransferSyntaxUid = Syntax.ExplicitLittle }, writer => writer.Header(0x7FE0_0010, "OB", 0xFFFF_FFFE));
        byte[] head = [.. Part10.Preamble, .. Part10.Meta(Syntax.Deflated, bomb.SopClassUid, bomb.SopUid)];
        byte[] body = [.. head, .. Bomb(Sample.DataSetOf(dataSet).ToArray(), 3000)];

        Reply reply = await _server.PostAsync(body);

        Assert.InRange(body.Length, 0, 8 << 20);
        reply.ShouldBeModule(409, 0, CannotUnderstand);
        await _server.ShouldNotKnowAsync(bomb);
    }

    [Fact]
    public async Task A_header_that_inflates_without_end_is_refused_at_its_limit()
    {
        TestInstance bomb = Sample.New() with { TransferSyntaxUid = Syntax.Deflated };
        byte[] text = Sample.FileWith(bomb, writer =>
        {
            for (int index = 0; index < 1500; index++)
            {
                writer.Element(0x4001_0010 + (uint)index, "UT", new byte[200 << 10]);
            }
        });

        Assert.InRange(text.Length, 0, 1 << 20);
        (await _server.PostAsync(text)).ShouldBeModule(409, 0, CannotUnderstand);
    }

    [Fact]
    public async Task Nesting_of_100_000_is_refused()
    {
        byte[] deep = Sample.FileWith(Sample.New(), writer =>
        {
            for (int level = 0; level < 100_000; level++)
            {
                writer.Header(Tag.ContentSequence, "SQ", ElementWriter.Undefined).Mark(Tag.Item, ElementWriter.Undefined);
            }
        });

        (await _server.PostAsync(deep)).ShouldBeModule(409, 0, CannotUnderstand);
    }

    [Fact]
    public async Task A_million_tiny_elements_are_refused()
    {
        byte[] many = Sample.FileWith(Sample.New(), writer => AddEmpty(writer, Enumerable.Range(0, 1_000_000)));

        (await _server.PostAsync(many)).ShouldBeModule(409, 0, CannotUnderstand);
    }

    [Fact]
    public async Task Many_elements_in_descending_order_are_refused_before_sorting_them_costs_more_than_they_do()
    {
        byte[] reversed = Sample.FileWith(Sample.New(), writer => AddEmpty(writer, Enumerable.Range(0, 499_000).Reverse()));

        Reply reply = await _server.PostAsync(reversed);

        reply.ShouldBeModule(409, 0, CannotUnderstand);
    }

    private static void AddEmpty(ElementWriter writer, IEnumerable<int> numbers)
    {
        foreach (int number in numbers)
        {
            writer.Header(0x4001_1000 + ((uint)(number / 50_000) << 17) + (uint)(number % 50_000), "LO", 0);
        }
    }

    /// <summary>Returns the start, then zeros.</summary>
    /// <remarks>After the first megabyte every further one deflates to the same bytes, because it refers only to earlier bytes.</remarks>
    private static byte[] Bomb(byte[] start, int megabytes)
    {
        using MemoryStream target = new();
        using DeflateStream deflate = new(target, CompressionLevel.Optimal, leaveOpen: true);
        deflate.Write(start);
        deflate.Write(Zeros);
        deflate.Flush();
        int before = (int)target.Length;
        deflate.Write(Zeros);
        deflate.Flush();
        byte[] bytes = target.ToArray();
        return [.. bytes, .. Enumerable.Repeat(bytes[before..], megabytes - 2).SelectMany(block => block)];
    }
}
