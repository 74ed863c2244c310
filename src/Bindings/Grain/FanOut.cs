using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Deliveries;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Grain;

/// <summary>Turns events into deliveries of one binding, whether or not its target works: the log may forget only what every binding has turned.</summary>
internal sealed class FanOut(BindingDefinition binding, IDeliveryQueue queue, IEventLog events, Supervision supervision)
{
    private const int EventsAtOnce = 512;

    /// <summary>Events that come up within this time share a transaction, so that ingest does not pay for one each.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    /// <summary>Between the transactions of a backlog, ingest has its turn.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(5);

    /// <summary>The hint of the log may be missed, and another process may have written.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly SupervisedLoop _loop = supervision.Loop($"binding {binding.Name}: turning events into deliveries");
    private readonly Signal _wake = new(supervision.Time);
    private Task _watch = Task.CompletedTask;
    private volatile bool _isHinted;

    /// <summary>Called when there may be new deliveries.</summary>
    public Action Advanced { get; set; } = () => { };

    /// <summary>Runs until it is cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => _loop.RunAsync(TurnAsync, cancellationToken);

    private async Task TurnAsync(CancellationToken cancellationToken)
    {
        long cursor = -1;
        while (true)
        {
            FanOutResult turned = await queue.FanOutAsync(binding, EventsAtOnce, cancellationToken).ConfigureAwait(false);
            _loop.Succeed();
            bool hasAdvanced = turned.Cursor != cursor || turned.HasMore;
            cursor = turned.Cursor;
            if (hasAdvanced)
            {
                _isHinted = false;
                Advanced();
            }

            if (turned.HasMore)
            {
                await _loop.PauseAsync(Breath, cancellationToken).ConfigureAwait(false);
            }
            else if (hasAdvanced)
            {
                await _loop.PauseAsync(Pace, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                // A hint that was wrong once may be wrong for long: the log of a restored database has fewer events than were heard of.
                if (_isHinted)
                {
                    await _loop.PauseAsync(Pace, cancellationToken).ConfigureAwait(false);
                    _isHinted = false;
                }

                EnsureWatching(cursor, cancellationToken);
                await _wake.WaitAsync(Poll, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void EnsureWatching(long cursor, CancellationToken cancellationToken)
    {
        if (_watch.IsCompleted)
        {
            _watch = WatchAsync(cursor, cancellationToken);
        }
    }

    private async Task WatchAsync(long cursor, CancellationToken cancellationToken)
    {
        try
        {
            await events.WaitAsync(cursor, cancellationToken).ConfigureAwait(false);
            _isHinted = true;
            _wake.Raise();
        }
        catch (Exception error) when (error is OperationCanceledException or ManifestUnavailableException)
        {
            // A hint that fails is found by looking.
        }
    }
}
