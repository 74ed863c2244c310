using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.BadInput;

/// <summary>Clients that disappear, and clients that are too many.</summary>
public sealed class BrokenOffTests
{
    private const int Places = 64;
    private const int AtOnce = 32;

    [Fact]
    public async Task A_client_that_breaks_off_leaves_nothing()
    {
        using TemporaryFolder folder = new();
        await using BadInputServer server = await BadInputServer.StartAsync(folder.Sub("data"));
        TestInstance instance = Sample.New(2_000_000);
        byte[] body = instance.ToPart10();
        int objects = await server.CountObjectsAsync();

        foreach (int sent in new[] { 10, 400, 50_000, 1_500_000, body.Length - 1 })
        {
            await using RawConnection reset = await RawConnection.BeginStoreAsync(server.Server, $"Content-Length: {body.Length}");
            await reset.SendAsync(body.AsMemory(0, sent));
            if (sent >= 50_000)
            {
                await server.ShouldHaveUploadsAsync();
            }

            reset.Reset();
            await server.ShouldHaveNoUploadsAsync();

            await using RawConnection halfClosed = await RawConnection.BeginStoreAsync(server.Server, $"Content-Length: {body.Length}");
            await halfClosed.SendAsync(body.AsMemory(0, sent));
            halfClosed.EndSending();
            await halfClosed.ShouldBeClosedAsync();
        }

        await server.ShouldHaveNoUploadsAsync();
        Assert.Equal(objects, await server.CountObjectsAsync());
        await server.ShouldNotKnowAsync(instance);
        await server.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task Uploads_beyond_the_places_are_told_to_come_later_and_a_place_that_falls_free_is_taken()
    {
        using TemporaryFolder folder = new();
        await using BadInputServer server = await BadInputServer.StartAsync(folder.Sub("data"));
        TestInstance instance = Sample.New();
        byte[] body = instance.ToPart10();
        List<RawConnection> connections = [];
        try
        {
            for (int number = 0; number < AtOnce; number++)
            {
                connections.Add(await BeginAsync(server, body));
                await connections[^1].ShouldBeAdmittedAsync();
                await connections[^1].SendAsync(body.AsMemory(0, 100));
            }

            // As many again wait for a place; the server refuses any further one at once.
            List<Task<Reply>> waiting = [];
            for (int number = AtOnce; number < Places + 8; number++)
            {
                connections.Add(await BeginAsync(server, body));
                await connections[^1].ShouldBeAdmittedAsync();
                await connections[^1].SendAsync(body);
                waiting.Add(connections[^1].ReadReplyAsync());
            }

            for (int refused = 0; refused < 8; refused++)
            {
                Task<Reply> first = await Task.WhenAny(waiting);
                waiting.Remove(first);
                (await first).ShouldBeProblem(503);
                Assert.InRange(int.Parse((await first).Header("retry-after"), System.Globalization.CultureInfo.InvariantCulture), 1, 60);
            }

            connections[0].Reset();
            Assert.Equal(200, (await await Task.WhenAny(waiting)).Status);
        }
        finally
        {
            foreach (RawConnection connection in connections)
            {
                await connection.DisposeAsync();
            }
        }

        await server.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task The_number_of_places_is_an_option()
    {
        using TemporaryFolder folder = new();
        await using BadInputServer server =
            await BadInputServer.StartAsync(folder.Sub("data"), ["IMAGING__INGEST__MAXCONCURRENTUPLOADS=2"]);
        byte[] body = Sample.New().ToPart10();

        // A place is taken when the server has seen the first bytes: the third sender may come before one of the two.
        (Reply Refused, Reply Stored)? outcome = null;
        for (int attempt = 0; attempt < 20 && outcome is null; attempt++)
        {
            outcome = await TryThreeOnTwoPlacesAsync(server, body);
        }

        Assert.NotNull(outcome);
        outcome.Value.Refused.ShouldBeProblem(503);
        Assert.NotEqual("", outcome.Value.Refused.Header("retry-after"));
        outcome.Value.Stored.ShouldBeModule(200, 1);
        await server.ShouldBeUnharmedAsync();
    }

    /// <summary>Returns null if the third sender got a place.</summary>
    private static async Task<(Reply Refused, Reply Stored)?> TryThreeOnTwoPlacesAsync(BadInputServer server, byte[] body)
    {
        await using RawConnection one = await BeginAsync(server, body);
        await using RawConnection two = await BeginAsync(server, body);
        await one.ShouldBeAdmittedAsync();
        await two.ShouldBeAdmittedAsync();
        await one.SendAsync(body.AsMemory(0, 100));
        await two.SendAsync(body.AsMemory(0, 100));

        Reply refused = await server.PostAsync(body);
        if (refused.Status == 200)
        {
            return null;
        }

        await one.SendAsync(body.AsMemory(100));
        Reply stored = await one.ReadReplyAsync();
        return stored.Status == 503 ? null : (refused, stored);
    }

    private static Task<RawConnection> BeginAsync(BadInputServer server, byte[] body)
        => RawConnection.BeginStoreAsync(server.Server, $"Content-Length: {body.Length}", "Expect: 100-continue");
}
