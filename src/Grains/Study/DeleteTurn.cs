using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Study;

/// <summary>A deletion that waits to be decided.</summary>
internal sealed class DeleteTurn(DeleteRequest request, TurnCaller caller) : StudyTurn<int>(caller)
{
    public override long EstimatedBytes => 1024;

    public override IEnumerable<InstanceId> NeededInstances
        => IsOneInstance ? [new InstanceId(request.Series!.Value, request.Sop!.Value)] : [];

    public override DeleteRequest? NeededListing => IsOneInstance ? null : request;

    private bool IsOneInstance => request is { Series: not null, Sop: not null };

    public override void Decide(StudyGrain grain, LoadedInstances rows) => Answer = grain.Delete(request, rows.All);

    public override GrainCall ToCall(StudyKey key) => new DeleteCall(key, request);

    public override bool TryComplete(GrainAnswer answer)
    {
        Answer = answer.Deleted;
        return answer.Kind == GrainAnswerKind.Deleted && TryComplete();
    }

    public override void Refuse() => Fail(new ManifestUnavailableException("The manifest store refused to delete; see its log."));
}
