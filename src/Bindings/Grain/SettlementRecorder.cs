using System.Threading.Channels;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Grain;

/// <summary>Records the results of deliveries, many in one transaction. It holds no more than what is claimed.</summary>
internal sealed partial class SettlementRecorder
{
    private const int MaxPerTransaction = 512;

    /// <summary>Replaces a fault text that the store refuses.</summary>
    private const string UnwritableError = "The text of the fault could not be recorded.";

    /// <summary>Results within this time share a transaction.</summary>
    private static readonly TimeSpan GatheringTime = TimeSpan.FromMilliseconds(50);

    private readonly string _binding;
    private readonly IDeliveryQueue _queue;
    private readonly HeldLeases _leases;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SupervisedLoop _loop;
    private readonly Channel<DeliverySettlement> _results = Channel.CreateUnbounded<DeliverySettlement>();

    /// <summary>Results that are taken and not yet recorded; they stay while the store is away.</summary>
    private readonly List<DeliverySettlement> _batch = [];

    /// <summary>The timestamp of the first result of the batch; 0 while there is none.</summary>
    private long _begunAt;

    public SettlementRecorder(string binding, IDeliveryQueue queue, HeldLeases leases, Supervision supervision)
    {
        _binding = binding;
        _queue = queue;
        _leases = leases;
        _time = supervision.Time;
        _logger = supervision.Loggers.CreateLogger<BindingGrain>();
        _loop = supervision.Loop($"binding {binding}: recording results", oldestWaits: OldestAge);
    }

    /// <summary>Called after deliveries were settled.</summary>
    public Action Settled { get; set; } = () => { };

    public void Add(IEnumerable<DeliverySettlement> settlements)
    {
        foreach (DeliverySettlement settlement in settlements)
        {
            _results.Writer.TryWrite(settlement);
        }
    }

    /// <summary>Announces that no more results come.</summary>
    public void Complete() => _results.Writer.TryComplete();

    /// <summary>Runs until everything is recorded after <see cref="Complete"/>.</summary>
    /// <remarks>While the store is away, the leases are kept and the results wait.</remarks>
    public Task RunAsync(CancellationToken cancellationToken) => _loop.RunAsync(RecordAsync, cancellationToken);

    private async Task RecordAsync(CancellationToken cancellationToken)
    {
        while (_batch.Count > 0 || await _results.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            Take();
            await SettleAsync([.. _batch], cancellationToken).ConfigureAwait(false);
            Interlocked.Exchange(ref _begunAt, 0);
            _loop.Succeed();
            Settled();
            if (!_results.Reader.Completion.IsCompleted && _results.Reader.Count < MaxPerTransaction)
            {
                await _loop.PauseAsync(GatheringTime, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void Take()
    {
        if (_batch.Count == 0)
        {
            Interlocked.Exchange(ref _begunAt, _time.GetTimestamp());
        }

        while (_batch.Count < MaxPerTransaction && _results.Reader.TryRead(out DeliverySettlement? settlement))
        {
            _batch.Add(settlement);
        }
    }

    /// <summary>Records the first results of the batch. Halving finds a refused one, so that the others are recorded.</summary>
    private async Task SettleAsync(DeliverySettlement[] part, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.SettleAsync(part, cancellationToken).ConfigureAwait(false);
            Remove(part);
        }
        catch (Exception error) when (!IsStoreAway(error, cancellationToken))
        {
            if (part.Length > 1)
            {
                await SettleAsync(part[..(part.Length / 2)], cancellationToken).ConfigureAwait(false);
                await SettleAsync(part[(part.Length / 2)..], cancellationToken).ConfigureAwait(false);
            }
            else if (part[0].Error is not null and not UnwritableError)
            {
                await SettleAsync([part[0] with { Error = UnwritableError }], cancellationToken).ConfigureAwait(false);
            }
            else
            {
                LogLost(_logger, _binding, part[0].Delivery.Id, error);
                Remove(part);
            }
        }
    }

    private static bool IsStoreAway(Exception error, CancellationToken cancellationToken)
        => error is ManifestUnavailableException { IsRefusal: false }
            || (error is OperationCanceledException && cancellationToken.IsCancellationRequested);

    private void Remove(DeliverySettlement[] part)
    {
        _leases.Remove(part.Select(settlement => settlement.Delivery));
        _batch.RemoveRange(0, part.Length);
    }

    private TimeSpan? OldestAge() => Interlocked.Read(ref _begunAt) is var since and not 0 ? _time.GetElapsedTime(since) : null;

    [LoggerMessage(6011, LogLevel.Error, "The binding {Binding} cannot record the result of delivery {Id}, which the store refuses; it is "
        + "delivered again when its lease ends")]
    private static partial void LogLost(ILogger logger, string binding, long id, Exception error);
}
