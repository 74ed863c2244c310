using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Study;

/// <summary>An instance that waits to be decided about.</summary>
internal sealed class StoreTurn(InstanceArrival arrival, TurnCaller caller) : StudyTurn<StoreAnswer>(caller)
{
    // Parsed elements take about a hundred bytes each beside their values; gateways cap how much there can be.
    private const int AttributesEstimate = 8 * 1024;

    public override long EstimatedBytes => AttributesEstimate + arrival.Content.Metadata.Length + arrival.Content.Layout.Length;

    public override IEnumerable<InstanceId> NeededInstances => [arrival.State.Id];

    public override void Decide(StudyGrain grain, LoadedInstances rows) => Answer = grain.Store(arrival, rows.Find(arrival.State.Id));

    public override GrainCall ToCall(StudyKey key) => new StoreCall(arrival);

    public override bool TryComplete(GrainAnswer answer)
    {
        Answer = answer.Store;
        return answer.Kind == GrainAnswerKind.Stored && TryComplete();
    }

    public override void Refuse()
    {
        Answer = new StoreAnswer(StoreOutcome.Refused, null);
        Complete();
    }
}
