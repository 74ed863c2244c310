using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Events;

namespace ImagingIngestion.Gateways.ChangeFeed;

/// <summary>Waits for events on behalf of readers, no more of them at a time than the options say.</summary>
internal sealed class ChangeFeedWait(ChangeFeedServices services)
{
    // The log's own signal is a hint only; what another process writes is found by looking.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    /// <summary>After a read that found nothing. A hint may be wrong for long, and of many events none may be asked for.</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(100);

    private int _waiting;

    /// <summary>
    /// The first page that has an event, or the last one looked at when the time is over or the server stops: its cursor has moved over
    /// the events that were not asked for. Null when too many wait already.
    /// </summary>
    /// <param name="query">What is asked for.</param>
    /// <param name="page">The empty page that the query has found.</param>
    /// <param name="wait">The longest time.</param>
    /// <param name="cancellationToken">The reader has gone.</param>
    public async Task<EventPage?> ReadAsync(EventQuery query, EventPage page, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > services.Options.MaxFeedWaiters)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }

        try
        {
            using CancellationTokenSource deadline = new(wait, services.Time);
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, services.Lifetime.ApplicationStopping, cancellationToken);
            for (bool hasWaited = false; page.Events.Count == 0 && !page.IsExpired && page.Next <= page.Bounds.Latest && !end.IsCancellationRequested;)
            {
                if (page.Next == page.Bounds.Latest)
                {
                    if (hasWaited)
                    {
                        await new Signal(services.Time).WaitAsync(LeastPause, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    }

                    await WaitAsync(page.Next, end.Token);
                    hasWaited = true;
                }

                page = await services.Log.ReadAsync(query with { After = page.Next }, cancellationToken);
            }

            return page;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task WaitAsync(long after, CancellationToken cancellationToken)
    {
        using CancellationTokenSource look = new(Look, services.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(look.Token, cancellationToken);
        try
        {
            await services.Log.WaitAsync(after, either.Token);
        }
        catch (OperationCanceledException)
        {
            // Time to look, or the end of the wait: the caller knows which.
        }
    }
}
