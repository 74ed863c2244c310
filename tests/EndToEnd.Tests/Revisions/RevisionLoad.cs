namespace ImagingIngestion.EndToEnd.Tests.Revisions;

/// <summary>Several senders at once that remember what they were told, over several lives of the server.</summary>
internal sealed class RevisionLoad(int seed)
{
    private const int Workers = 4;

    private readonly RevisionWorker[] _workers = [.. Enumerable.Range(0, Workers).Select(number => new RevisionWorker(seed, number))];

    public IEnumerable<LoadedInstance> Instances => _workers.SelectMany(worker => worker.Instances);

    public IEnumerable<string> Faults => _workers.SelectMany(worker => worker.Faults);

    /// <summary>Sends until the server is gone.</summary>
    public Task RunAsync(HttpClient client) => Task.WhenAll(_workers.Select(worker => Task.Run(() => worker.RunAsync(client))));
}
