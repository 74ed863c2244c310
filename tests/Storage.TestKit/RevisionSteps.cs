using System.Security.Cryptography;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>Steps that the kits of revisions and events share.</summary>
public abstract class RevisionSteps : ManifestConformance
{
    protected static readonly RevisionTiming Timing = new(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10));
    protected static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    /// <summary>Stores an instance of a new series, which opens a revision or moves it, with its events.</summary>
    protected Task<InstanceChange> StoreOneAsync(SampleStudy study) => StoreOneAsync(study, study.Series());

    protected async Task<InstanceChange> StoreOneAsync(SampleStudy study, SeriesInstanceUid series, int? number = null)
    {
        InstanceChange instance = In(study, SampleStudy.Instance(series, number));
        await SaveAsync(study, study.Store(instance) with { Timing = Timing, Events = SampleStudy.EventsOf(instance) });
        return instance;
    }

    protected Task RemoveAsync(SampleStudy study, params InstanceChange[] instances)
        => SaveAsync(study, study.Remove([.. instances.Select(instance => instance.State)]) with { Timing = Timing });

    /// <summary>The instance as the open revision adds it.</summary>
    protected static InstanceChange In(SampleStudy study, InstanceChange instance)
        => instance with { State = instance.State with { AddedRevision = study.NextRevision, ChangedRevision = study.NextRevision } };

    protected Task<IReadOnlyList<RevisionClaim>> ClaimAsync(int max = 1000, string owner = "kit")
        => Revisions.ClaimDueAsync(owner, Lease, max, CancellationToken.None);

    protected Task<TimeSpan?> NextDueAsync() => Revisions.NextDueAsync(CancellationToken.None);

    protected Task<RevisionContent> ContentAsync(SampleStudy study)
        => Store.LoadRevisionContentAsync(study.Key, study.NextRevision, CancellationToken.None);

    /// <summary>Waits until the study is due, claims it and closes its revision; returns the data of the revision.</summary>
    protected async Task<byte[]> SettleAsync(SampleStudy study, int bytes = 100)
    {
        Time.Advance(Timing.Delay);
        RevisionClaim claim = Assert.Single(await ClaimAsync(), claim => claim.Study == study.Key);
        byte[] data = RandomNumberGenerator.GetBytes(bytes);
        await SaveAsync(study, study.Close(claim, data));
        study.NextRevision++;
        return data;
    }
}
