using System.Net;
using System.Net.Http.Headers;
using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>An instance larger than the memory that the server may use goes in and comes out.</summary>
[Trait(InACluster.Trait, InACluster.Value)]
public sealed class BigInstanceTests
{
    private const long MaxKibibytes = 350 * 1024;

    /// <summary>4 GiB less a frame, the most that Pixel Data with a length can hold; or 300 MB.</summary>
    private static readonly int Frames = Environment.GetEnvironmentVariable("IMAGING_TEST_LONG") == "1" ? 16_383 : 1_144;

    [Fact]
    public async Task An_instance_larger_than_the_servers_memory_is_stored_and_retrieved()
    {
        using TemporaryFolder folder = new();
        await using Server server = await Server.StartAsync(folder.Sub("data"));
        using HttpClient client = new() { BaseAddress = server.Root, Timeout = TimeSpan.FromMinutes(10) };
        BigInstance instance = new("big", Frames);

        StowReply reply = await client.StoreAsync(new BigInstanceContent(instance));

        Assert.True(reply.Status == 200, $"{reply.Status} {reply.Body}");
        Assert.Equal([instance.Path], reply.Stored);
        long length = await CheckWholeAsync(client, instance);
        await CheckRangesAsync(client, instance, length);
        await CheckFrameAsync(client, instance, Frames);
        Assert.InRange(server.PeakKilobytes(), 1, MaxKibibytes);
    }

    /// <summary>Returns the length of the stored file, whose file meta is the server's own.</summary>
    private static async Task<long> CheckWholeAsync(HttpClient client, BigInstance instance)
    {
        using HttpResponseMessage response = await client.GetStoredAsync(instance.Path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        long length = response.Content.Headers.ContentLength!.Value;
        await using Stream stream = await response.Content.ReadAsStreamAsync();
        byte[] head = new byte[length - instance.PixelBytes];
        await stream.ReadExactlyAsync(head);
        Assert.Equal(instance.DataSetHead.ToArray(), Part10Split.DataSet(head).ToArray());
        Assert.Null(await BigInstance.FindDifferenceAsync(stream, 0, instance.PixelBytes));
        return length;
    }

    private static async Task CheckRangesAsync(HttpClient client, BigInstance instance, long length)
    {
        long head = length - instance.PixelBytes;
        foreach ((long from, long to) in new[]
        {
            (head + 5, head + 1_000_004),
            (length / 2, (length / 2) + 99),
            (length - 1_000, length - 1)
        })
        {
            using HttpResponseMessage response = await client.GetStoredAsync(instance.Path, new RangeHeaderValue(from, to));
            Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
            Assert.Equal(new ContentRangeHeaderValue(from, to, length), response.Content.Headers.ContentRange);
            await using Stream stream = await response.Content.ReadAsStreamAsync();
            Assert.Null(await BigInstance.FindDifferenceAsync(stream, from - head, to - from + 1));
        }
    }

    private static async Task CheckFrameAsync(HttpClient client, BigInstance instance, int frame)
    {
        using HttpResponseMessage response = await client.GetAsync($"{instance.Path.Path}/frames/{frame}", "application/octet-stream");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using Stream stream = await response.Content.ReadAsStreamAsync();
        Assert.Null(await BigInstance.FindDifferenceAsync(stream, (frame - 1L) * BigInstance.FrameBytes, BigInstance.FrameBytes));
    }
}
