using ImagingIngestion.Grains;

namespace ImagingIngestion.Silo;

/// <summary>An instance that waits to be decided about.</summary>
internal sealed class StoreTurn(InstanceArrival arrival, CancellationToken cancellationToken) : StudyTurn<StoreAnswer>(cancellationToken)
{
    // Parsed elements take about a hundred bytes each beside their values; gateways cap how much there can be.
    private const int AttributesEstimate = 8 * 1024;

    public override long EstimatedBytes => AttributesEstimate + arrival.Content.Metadata.Length + arrival.Content.Layout.Length;

    public override IEnumerable<InstanceId> NeededInstances => [arrival.State.Id];

    public override void Decide(StudyGrain grain, LoadedInstances rows) => Answer = grain.Store(arrival, rows.Find(arrival.State.Id));

    public override void Refuse()
    {
        Answer = new StoreAnswer(StoreOutcome.Refused, null);
        Complete();
    }
}
