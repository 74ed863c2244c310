using System.IO.Pipelines;
using ImagingIngestion.Gateways.ChangeFeed;
using ImagingIngestion.Gateways.Tests.Stow;
using ImagingIngestion.Grains.Events;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways.Tests.ChangeFeed;

public sealed class ChangeFeedWriterTests
{
    private const int Events = 4000;
    private const int MostHeld = 128 << 10;

    [Fact]
    public async Task A_long_page_is_handed_on_while_it_is_written()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        SampleStudy study = new();
        EventDraft draft = SampleStudy.EventsOf(SampleStudy.Instance(study.Series()))[1];
        LoggedEvent[] events =
        [
            .. Enumerable.Range(1, Events).Select(number => new LoggedEvent(number, DateTimeOffset.UnixEpoch, study.Key, draft))
        ];
        Pipe body = new(new PipeOptions(pauseWriterThreshold: 0));
        await using ChangeFeedWriter writer = new(
            body.Writer,
            server.Services.GetRequiredService<IEventLog>(),
            server.Services.GetRequiredService<IStorageSpaces>(),
            new EventOptions());

        Assert.True(await writer.WriteAsync(
            new EventPage(events, Events, new EventLogBounds(1, Events), IsExpired: false), CancellationToken.None));
        long handedOn = await LengthAsync(body.Reader);
        await writer.EndAsync(CancellationToken.None);
        long all = await LengthAsync(body.Reader);

        Assert.InRange(all, 8 * MostHeld, long.MaxValue);
        Assert.InRange(all - handedOn, 0, MostHeld);
    }

    private static async Task<long> LengthAsync(PipeReader reader)
    {
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(20));
        ReadResult result = await reader.ReadAsync(late.Token);
        reader.AdvanceTo(result.Buffer.Start);
        return result.Buffer.Length;
    }
}
