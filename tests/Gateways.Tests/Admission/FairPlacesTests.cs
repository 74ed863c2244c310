using ImagingIngestion.Gateways.Admission;
using Microsoft.Extensions.Time.Testing;

namespace ImagingIngestion.Gateways.Tests.Admission;

/// <summary>Which senders keep or get a place, while others wait and while nobody does.</summary>
public sealed class FairPlacesTests : IDisposable
{
    private const int Capacity = 4;
    private const long LeastPerSecond = 1000;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _time = new();
    private readonly FairPlaces _places;

    public FairPlacesTests() => _places = new FairPlaces(Capacity, new PlaceRules(Window, LeastPerSecond), _time);

    public void Dispose() => _places.Dispose();

    [Fact]
    public async Task A_silent_sender_keeps_its_place_while_nobody_waits()
    {
        FairPlace[] held = await FillAsync("modality");
        Array.ForEach(held, place => place.Pace.BeginWait());

        Pass(Long);

        Assert.DoesNotContain(held, place => place.Revoked.IsCancellationRequested);
    }

    [Fact]
    public async Task One_who_waits_gets_the_place_of_one_silent_sender()
    {
        FairPlace[] held = await FillAsync("stranger");
        Array.ForEach(held, place => place.Pace.BeginWait());
        Task<FairPlace?> waiting = EnterAsync("hospital");
        Assert.False(waiting.IsCompleted);

        Pass(Window);

        FairPlace lost = Assert.Single(held, place => place.Revoked.IsCancellationRequested);
        Assert.Equal(PlaceLoss.TooSlow, lost.Loss);
        lost.Dispose();
        Assert.NotNull(await waiting);
    }

    [Fact]
    public async Task A_sender_that_trickled_before_loses_its_place_as_soon_as_another_waits()
    {
        FairPlace[] held = await FillAsync("stranger");
        foreach (FairPlace place in held)
        {
            place.Pace.BeginWait();
        }

        for (int beat = 0; beat < 3; beat++)
        {
            Pass(Window * 2);
            Array.ForEach(held, place => Trickle(place, bytes: 1));
        }

        Task<FairPlace?> waiting = EnterAsync("hospital");
        Pass(Window / 4);

        Assert.Single(held, place => place.Loss == PlaceLoss.TooSlow);
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task Senders_above_the_least_rate_keep_their_places_while_a_place_comes_free_elsewhere()
    {
        FairPlace[] held = [.. await FillAsync("one", 2), .. await FillAsync("two", 2)];
        Array.ForEach(held, place => place.Pace.BeginWait());
        Task<FairPlace?> waiting = EnterAsync("one");

        for (int second = 0; second < 60; second++)
        {
            Pass(TimeSpan.FromSeconds(1));
            Array.ForEach(held, place => Trickle(place, (int)LeastPerSecond * 2));
        }

        Assert.DoesNotContain(held, place => place.Revoked.IsCancellationRequested);
        Assert.False(waiting.IsCompleted);
    }

    /// <summary>A slow disk or database on this side is no fault of the sender.</summary>
    [Fact]
    public async Task A_sender_that_nobody_waits_for_is_not_slow()
    {
        FairPlace[] held = [.. await FillAsync("one", 2), .. await FillAsync("two", 2)];
        Task<FairPlace?> waiting = EnterAsync("one");

        Pass(Window * 5);

        Assert.DoesNotContain(held, place => place.Revoked.IsCancellationRequested);
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task A_peer_with_all_places_gives_one_up_to_a_peer_that_has_waited_for_a_window()
    {
        FairPlace[] held = await FillAsync("greedy");
        Task<FairPlace?> waiting = EnterAsync("other");

        Pass(Window / 2);
        Assert.DoesNotContain(held, place => place.Revoked.IsCancellationRequested);
        Pass(Window / 2);

        FairPlace lost = Assert.Single(held, place => place.Revoked.IsCancellationRequested);
        Assert.Equal(PlaceLoss.OverShare, lost.Loss);
        lost.Dispose();
        Assert.NotNull(await waiting);
    }

    [Fact]
    public async Task A_place_that_comes_free_goes_to_the_peer_that_has_fewest()
    {
        FairPlace[] held = await FillAsync("greedy");
        Task<FairPlace?> more = EnterAsync("greedy");
        Task<FairPlace?> first = EnterAsync("other");

        held[0].Dispose();

        Assert.NotNull(await first);
        Assert.False(more.IsCompleted);
    }

    [Fact]
    public async Task A_full_queue_makes_room_for_a_peer_that_is_not_in_it()
    {
        FairPlace[] held = await FillAsync("greedy");
        Task<FairPlace?>[] queued = [.. Enumerable.Range(0, 4).Select(_ => _places.EnterAsync("greedy", Long, 8, CancellationToken.None))];
        Assert.Null(await _places.EnterAsync("greedy", Long, 8, CancellationToken.None));

        Task<FairPlace?> other = _places.EnterAsync("other", Long, 8, CancellationToken.None);

        Assert.Null(await await Task.WhenAny(queued));
        held[0].Dispose();
        Assert.NotNull(await other);
    }

    [Fact]
    public async Task One_who_waits_too_long_is_told_and_takes_no_place_later()
    {
        FairPlace[] held = await FillAsync("one");
        Task<FairPlace?> late = _places.EnterAsync("one", TimeSpan.FromSeconds(30), null, CancellationToken.None);

        Pass(TimeSpan.FromSeconds(30));
        Assert.Null(await late);
        Array.ForEach(held, place => place.Dispose());

        await FillAsync("two");
    }

    private static void Trickle(FairPlace place, int bytes)
    {
        place.Pace.Add(bytes);
        place.Pace.EndWait();
        place.Pace.BeginWait();
    }

    private Task<FairPlace?> EnterAsync(string peer) => _places.EnterAsync(peer, Long * 2, 8, CancellationToken.None);

    private async Task<FairPlace[]> FillAsync(string peer, int count = Capacity)
    {
        List<FairPlace> held = [];
        for (int number = 0; number < count; number++)
        {
            Task<FairPlace?> entering = EnterAsync(peer);
            Assert.True(entering.IsCompleted, "There is no free place.");
            held.Add((await entering)!);
        }

        return [.. held];
    }

    /// <summary>Advances in small steps, so that timers fire as in real time.</summary>
    private void Pass(TimeSpan span)
    {
        for (int step = 0; step < 20; step++)
        {
            _time.Advance(span / 20);
        }
    }
}
