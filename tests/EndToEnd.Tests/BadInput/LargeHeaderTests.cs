using System.Text;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.BadInput;

/// <summary>
/// Large but allowed headers: the server stores each or asks to come later, and all of them stay within the memory of the process.
/// </summary>
public sealed class LargeHeaderTests
{
    /// <summary>Without a common budget eight of them take more than a gigabyte.</summary>
    private const int Senders = 8;

    [Fact]
    public async Task Many_large_headers_at_once_stay_within_the_memory_of_the_process()
    {
        using TemporaryFolder folder = new();
        await using BadInputServer server = await BadInputServer.StartAsync(folder.Sub("data"));
        byte[] value = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 40_000).Select(
            number => (number * 7919 % 10_007).ToString("D5", System.Globalization.CultureInfo.InvariantCulture))));
        TestInstance[] instances = [.. Enumerable.Range(0, Senders).Select(_ => Sample.New())];

        Reply[] replies = await Task.WhenAll(
            instances.Select(instance => server.PostAsync(Sample.FileWith(instance, writer => AddTexts(writer, value)))));

        Assert.All(replies, reply => Assert.True(reply.Status is 200 or 503, $"{reply.Status}: {reply.Body}"));
        Assert.All(replies.Where(reply => reply.Status == 503), reply => Assert.Equal([0x0213], reply.Failures));
        Assert.Contains(replies, reply => reply.Status == 200);
        await server.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task Many_headers_of_tiny_elements_at_once_stay_within_the_memory_of_the_process()
    {
        using TemporaryFolder folder = new();
        await using BadInputServer server = await BadInputServer.StartAsync(folder.Sub("data"));
        TestInstance[] instances = [.. Enumerable.Range(0, Senders / 2).Select(_ => Sample.New())];

        Reply[] replies = await Task.WhenAll(instances.Select(instance => server.PostAsync(Sample.FileWith(instance, AddTiny))));

        Assert.All(replies, reply => Assert.True(reply.Status is 200 or 503, $"{reply.Status}: {reply.Body}"));
        Assert.Contains(replies, reply => reply.Status == 200);
        await server.ShouldBeUnharmedAsync();
    }

    private static void AddTexts(ElementWriter writer, byte[] value)
    {
        for (uint number = 0; number < 150; number++)
        {
            writer.Element(0x4001_1000 + number, "UT", value);
        }
    }

    private static void AddTiny(ElementWriter writer)
    {
        for (uint number = 0; number < 450_000; number++)
        {
            writer.Header(0x4001_1000 + ((number / 50_000) << 17) + (number % 50_000), "LO", 0);
        }
    }
}
