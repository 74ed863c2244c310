using System.Threading.Channels;
using ImagingIngestion.Grains;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings;

/// <summary>Records what became of deliveries, many in one transaction. It holds no more than what is claimed.</summary>
internal sealed partial class Settling(string binding, IDeliveryQueue queue, HeldLeases leases, TimeProvider time, ILogger logger)
{
    private const int MostAtOnce = 512;

    /// <summary>Results that come up within this time share a transaction.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private readonly Channel<DeliverySettlement> _results = Channel.CreateUnbounded<DeliverySettlement>();

    /// <summary>Called when deliveries were settled.</summary>
    public Action Settled { get; set; } = () => { };

    public void Add(IEnumerable<DeliverySettlement> settlements)
    {
        foreach (DeliverySettlement settlement in settlements)
        {
            _results.Writer.TryWrite(settlement);
        }
    }

    /// <summary>Nothing more comes.</summary>
    public void Complete() => _results.Writer.TryComplete();

    /// <summary>Ends when everything is recorded after <see cref="Complete"/>.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Pause pause = new(time);
        List<DeliverySettlement> batch = [];
        while (await _results.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (batch.Count < MostAtOnce && _results.Reader.TryRead(out DeliverySettlement? settlement))
            {
                batch.Add(settlement);
            }

            await SettleAsync(batch, pause, cancellationToken).ConfigureAwait(false);
            leases.Remove(batch.Select(settlement => settlement.Delivery));
            batch.Clear();
            Settled();
            if (!_results.Reader.Completion.IsCompleted && _results.Reader.Count < MostAtOnce)
            {
                await pause.ForAsync(Pace, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>While the store is away, the leases are kept and the results wait.</summary>
    private async Task SettleAsync(List<DeliverySettlement> batch, Pause pause, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await queue.SettleAsync(batch, cancellationToken).ConfigureAwait(false);
                pause.Succeed();
                return;
            }
            catch (ManifestUnavailableException error)
            {
                if (!pause.HasFailed)
                {
                    LogUnavailable(logger, binding, batch.Count, error);
                }

                await pause.FailAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                LogFailed(logger, binding, batch.Count, error);
                return;
            }
        }
    }
}
