using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Tests.Grain;

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
