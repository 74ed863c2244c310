using System.Collections.Concurrent;
using System.Threading.Channels;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Tests.Grain;

/// <summary>A target whose calls a test answers one by one, or by a rule.</summary>
internal sealed class AnsweredTarget(TimeProvider time, int batchSize = 1, Func<Delivery, DeliveryResult>? rule = null) : IDeliveryTarget
{
    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(10);

    private readonly Channel<TargetCall> _calls = Channel.CreateUnbounded<TargetCall>();
    private int _running;

    public int BatchSize => batchSize;

    /// <summary>All calls so far.</summary>
    public ConcurrentQueue<TargetCall> Calls { get; } = new();

    /// <summary>The most calls that ran at the same time.</summary>
    public int MostRunning { get; private set; }

    /// <summary>Cancelled calls end.</summary>
    public bool HearsCancellation { get; init; } = true;

    public Task ExamineAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<IReadOnlyList<DeliveryResult>> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        TargetCall call = new(deliveries, time.GetUtcNow());
        lock (_calls)
        {
            MostRunning = Math.Max(MostRunning, ++_running);
        }

        try
        {
            Calls.Enqueue(call);
            _calls.Writer.TryWrite(call);
            if (rule is not null)
            {
                await Task.Yield();
                call.Answer([.. deliveries.Select(rule)]);
            }

            return await call.Answered.WaitAsync(HearsCancellation ? cancellationToken : CancellationToken.None);
        }
        finally
        {
            lock (_calls)
            {
                _running--;
            }
        }
    }

    /// <summary>Waits for the next call.</summary>
    public async Task<TargetCall> NextAsync()
    {
        using CancellationTokenSource deadline = new(TestTimeout);
        return await _calls.Reader.ReadAsync(deadline.Token);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A call of a target: the test decides when and how it ends.</summary>
internal sealed class TargetCall(IReadOnlyList<Delivery> deliveries, DateTimeOffset at)
{
    private readonly TaskCompletionSource<IReadOnlyList<DeliveryResult>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Delivery> Deliveries => deliveries;

    public Delivery Delivery => Assert.Single(deliveries);

    public DateTimeOffset At => at;

    public Task<IReadOnlyList<DeliveryResult>> Answered => _answer.Task;

    public void Answer(DeliveryResult result) => _answer.TrySetResult([.. deliveries.Select(_ => result)]);

    public void Answer(params DeliveryResult[] results) => _answer.TrySetResult(results);

    public void Throw(Exception error) => _answer.TrySetException(error);
}
