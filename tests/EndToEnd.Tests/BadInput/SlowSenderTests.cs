using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.BadInput;

/// <summary>The limits of a request in time and size are those of the configuration.</summary>
public sealed class SlowSenderTests
{
    [Fact]
    public async Task A_sender_that_falls_silent_is_told_and_a_slow_but_steady_one_is_not_cut_off()
    {
        using TemporaryFolder folder = new();
        await using BadInputServer server = await BadInputServer.StartAsync(folder.Sub("data"), ["IMAGING__INGEST__IDLETIMEOUT=2s"]);
        TestInstance slow = Sample.New(5000);
        byte[] body = slow.ToPart10();
        await using RawConnection silent = await RawConnection.BeginStoreAsync(server.Server, $"Content-Length: {body.Length}");
        await using RawConnection steady = await RawConnection.BeginStoreAsync(server.Server, $"Content-Length: {body.Length}");
        await silent.SendAsync(body.AsMemory(0, 1000));

        // Longer than the idle timeout in all, with shorter pauses in between.
        Task<Reply> refusal = silent.ReadReplyAsync();
        using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(300));
        int sent = 0;
        for (; !refusal.IsCompleted || sent < 2000; sent += 100)
        {
            await steady.SendAsync(body.AsMemory(sent, 100));
            await pause.WaitForNextTickAsync();
        }

        await steady.SendAsync(body.AsMemory(sent));

        Assert.Contains("silent", (await refusal).ShouldBeProblem(408), StringComparison.Ordinal);
        (await steady.ReadReplyAsync()).ShouldBeModule(200, 1);
        await server.ShouldReturnAsync(slow);
        await server.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task A_request_that_takes_longer_than_its_deadline_keeps_the_parts_that_came_whole()
    {
        using TemporaryFolder folder = new();
        await using BadInputServer server = await BadInputServer.StartAsync(folder.Sub("data"), ["IMAGING__INGEST__REQUESTDEADLINE=2s"]);
        TestInstance whole = Sample.New();
        byte[] parts = BadInputServer.Multipart([whole.ToPart10(), Sample.New(5000).ToPart10()]);
        byte[] body = Sample.New(5000).ToPart10();
        await using RawConnection single = await RawConnection.BeginStoreAsync(server.Server, $"Content-Length: {body.Length}");
        await using RawConnection multipart = await RawConnection.BeginStoreAsync(
            server.Server, "Content-Type: " + BadInputServer.MultipartType, $"Content-Length: {parts.Length}");
        await single.SendAsync(body.AsMemory(0, 1000));
        await multipart.SendAsync(parts.AsMemory(0, parts.Length - 4000));

        (await single.ReadReplyAsync()).ShouldBeProblem(408);
        Reply kept = await multipart.ReadReplyAsync();

        Assert.Equal((202, 1), (kept.Status, kept.Stored));
        await server.ShouldReturnAsync(whole);
        await server.ShouldBeUnharmedAsync();
    }

    [Theory]
    [InlineData("MAX_STOW_SIZE=100000")]
    [InlineData("IMAGING__INGEST__MAXSTOWSIZE=100000")]
    public async Task A_request_larger_than_allowed_is_413_announced_or_not(string setting)
    {
        using TemporaryFolder folder = new();
        await using BadInputServer server = await BadInputServer.StartAsync(folder.Sub("data"), [setting]);
        TestInstance first = Sample.New(1000);
        TestInstance large = Sample.New(200_000);

        Assert.Contains("100000", (await server.PostAsync(large.ToPart10())).ShouldBeProblem(413), StringComparison.Ordinal);
        (await PostChunkedAsync(server, "application/dicom", large.ToPart10())).ShouldBeProblem(413);
        byte[] parts = BadInputServer.Multipart([first.ToPart10(), large.ToPart10()]);
        Reply kept = await PostPartByPartAsync(server, parts, first.ToPart10().Length + 1000);

        Assert.Equal((202, 1), (kept.Status, kept.Stored));
        Assert.Equal([0x0213], kept.Failures);
        await server.ShouldReturnAsync(first);
        await server.ShouldNotKnowAsync(large);
        await server.ShouldBeUnharmedAsync();
    }

    /// <summary>Sends the rest only when the first part has been stored.</summary>
    private static async Task<Reply> PostPartByPartAsync(BadInputServer server, byte[] body, int first)
    {
        int objects = await server.CountObjectsAsync();
        await using RawConnection connection = await RawConnection.BeginStoreAsync(
            server.Server, "Content-Type: " + BadInputServer.MultipartType, "Transfer-Encoding: chunked");
        await connection.SendAsync($"{first:X}\r\n");
        await connection.SendAsync(body.AsMemory(0, first));
        await server.ShouldHaveObjectsAsync(objects + 1);
        await connection.SendAsync($"\r\n{body.Length - first:X}\r\n");
        return (await connection.SendUntilAnsweredAsync(body.AsMemory(first), body.Length - first)).Reply;
    }

    private static async Task<Reply> PostChunkedAsync(BadInputServer server, string contentType, params byte[][] chunks)
    {
        await using RawConnection connection =
            await RawConnection.BeginStoreAsync(server.Server, "Content-Type: " + contentType, "Transfer-Encoding: chunked");
        foreach (byte[] chunk in chunks)
        {
            await connection.SendAsync($"{chunk.Length:X}\r\n");
            await connection.SendAsync(chunk);
            await connection.SendAsync("\r\n");
        }

        await connection.SendAsync("0\r\n\r\n");
        return await connection.ReadReplyAsync();
    }
}
