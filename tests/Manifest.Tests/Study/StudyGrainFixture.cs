using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;
using Microsoft.Extensions.Time.Testing;

namespace ImagingIngestion.Manifest.Tests.Study;

/// <summary>A study grain and the manifest behind it.</summary>
internal sealed class StudyGrainFixture
{
    public static readonly StorageSpace Space = new("images", "http://inside/wado-rs", "https://outside.example.org/wado-rs");

    public static readonly RevisionTiming Timing = new(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10));

    public StudyGrainFixture(DuplicatePolicy policy = DuplicatePolicy.Replace)
        => Grain = new StudyGrain(Samples.Study, null, policy, Timing, Time);

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public ManifestModel Manifest { get; } = new();

    public StudyGrain Grain { get; }

    public InstanceArrival Arrival(int instance, string content, int series = 1, string attempt = "a")
        => Samples.Arrival(Samples.Id(instance, series), content, Time.GetUtcNow(), attempt);

    /// <summary>A turn without a commit.</summary>
    public StoreAnswer Decide(InstanceArrival arrival) => Grain.Store(arrival, Manifest.Instances.GetValueOrDefault(arrival.State.Id));

    /// <summary>A turn and its commit.</summary>
    public StoreAnswer Store(InstanceArrival arrival)
    {
        StoreAnswer answer = Decide(arrival);
        Commit();
        return answer;
    }

    public int Delete(DeleteRequest request)
    {
        int deleted = Grain.Delete(request, [.. Manifest.Instances.Values]);
        Commit();
        return deleted;
    }

    /// <summary>Closes the open revision and commits that; returns the parsed revision.</summary>
    public StudyRevisionEvent Revise()
    {
        Assert.True(Grain.Revise(Claim(Manifest.Study!.NextRevision), Manifest.Content()));
        Commit();
        return EventData.UnpackRevision(Manifest.Revisions[^1], Space);
    }

    public static RevisionClaim Claim(int revision) => new(Samples.Study, revision, Token: 1);

    public StudyChange? Commit()
    {
        StudyChange? change = Grain.TakeChange();
        if (change is not null)
        {
            Manifest.Apply(change);
            Grain.Committed();
        }

        return change;
    }
}
