using ImagingIngestion.Ingest;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Storage.Bench;

/// <summary>
/// Makes studies of CT instances and commits them. Each instance goes the way of a file that is received, up to its commit, so that its rows are those of ingest; but no object
/// is kept, a commit takes several whole studies, and no revision opens, so that a server that starts on the manifest has nothing to catch up with.
/// </summary>
internal static class StudyFill
{
    public const int InstancesPerStudy = 100;

    private const int StudiesPerCommit = 5;
    private const int CommitsAtOnce = 4;

    /// <summary>A run that the load generator takes by chance only once in a million.</summary>
    private const int Run = BenchUid.RunEnd - 1;

    private static readonly ProviderName Provider = new("default");

    public static Task RunAsync(IManifestStore store, int studies, CancellationToken cancellationToken)
    {
        InstanceTemplate template = CtTemplate.Create(frames: 1, CtTemplate.SmallSide);
        ParallelOptions options = new() { MaxDegreeOfParallelism = CommitsAtOnce, CancellationToken = cancellationToken };
        return Parallel.ForEachAsync(Enumerable.Range(0, studies).Chunk(StudiesPerCommit), options, async (numbers, token) =>
        {
            List<StudyChange> group = [];
            foreach (int number in numbers)
            {
                group.Add(await MakeAsync(template, number, token));
            }

            IReadOnlyList<StudyCommitResult> results = await store.CommitAsync(group, token);
            if (results.Any(result => result != StudyCommitResult.Committed))
            {
                throw new InvalidDataException("The manifest holds these studies already: fill an empty one.");
            }
        });
    }

    private static async Task<StudyChange> MakeAsync(InstanceTemplate template, int number, CancellationToken cancellationToken)
    {
        IngestLimits limits = new();
        HeaderBudget headers = new(limits);
        CollectingGrain study = new();
        InstanceIngest ingest = new(new NoObjects(), study, new DamageReports(new NoObjects(), NullLogger<DamageReports>.Instance), limits, headers, TimeProvider.System, NullLogger<InstanceIngest>.Instance);
        InstanceWriter writer = new(template, Run, InstancesPerStudy);
        for (int index = 0; index < InstancesPerStudy; index++)
        {
            byte[] file = writer.ToFile(((long)number * InstancesPerStudy) + index);
            StoreResult result = await ingest.StoreAsync(new MemorySource(file), new IngestContext(Provider), cancellationToken);
            if (!result.IsStored)
            {
                throw new InvalidDataException($"A generated instance is refused: {result.Detail}");
            }
        }

        return study.TakeChange();
    }
}
