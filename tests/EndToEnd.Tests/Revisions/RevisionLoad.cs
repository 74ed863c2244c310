using System.Net;
using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.Revisions;

/// <summary>Several senders at once that remember their answers over several starts of the server.</summary>
internal sealed class RevisionLoad(int seed)
{
    private const int Workers = 4;

    private readonly RevisionWorker[] _workers = [.. Enumerable.Range(0, Workers).Select(number => new RevisionWorker(seed, number))];

    public IEnumerable<LoadedInstance> Instances => _workers.SelectMany(worker => worker.Instances);

    public IEnumerable<string> Faults => _workers.SelectMany(worker => worker.Faults);

    /// <summary>Sends until the server is gone.</summary>
    public Task RunAsync(HttpClient client) => Task.WhenAll(_workers.Select(worker => Task.Run(() => worker.RunAsync(client))));
}

/// <summary>
/// One sender of a <see cref="RevisionLoad"/>, with studies of its own: stores, sends again, replaces and deletes, one after the other.
/// </summary>
internal sealed class RevisionWorker(int seed, int number)
{
    private const int Studies = 2;
    private const int LongestPauseMilliseconds = 60;

    private readonly Random _random = new(unchecked((seed * 7919) + number));
    private readonly List<LoadedInstance> _instances = [];

    public IReadOnlyList<LoadedInstance> Instances => _instances;

    public List<string> Faults { get; } = [];

    /// <summary>Sends until the server is gone.</summary>
    public async Task RunAsync(HttpClient client)
    {
        while (true)
        {
            LoadedInstance instance = Choose(out bool isDeletion);
            try
            {
                await (isDeletion ? DeleteAsync(client, instance) : StoreAsync(client, instance));
            }
            catch (Exception error) when (error is HttpRequestException or IOException)
            {
                instance.IsUncertain = true;
                return;
            }

            using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(_random.Next(1, LongestPauseMilliseconds)));
            await pause.WaitForNextTickAsync();
        }
    }

    private LoadedInstance Choose(out bool isDeletion)
    {
        LoadedInstance[] certain = [.. _instances.Where(instance => !instance.IsUncertain)];
        LoadedInstance[] there = [.. certain.Where(instance => instance.IsThere)];
        LoadedInstance[] gone = [.. certain.Where(instance => !instance.IsThere)];
        int roll = _random.Next(20);
        isDeletion = roll >= 18 && there.Length > 0;
        if (roll >= 12 && there.Length > 0)
        {
            LoadedInstance chosen = there[_random.Next(there.Length)];
            chosen.Version += roll is >= 15 and < 18 ? 1 : 0;
            return chosen;
        }

        if (roll == 11 && gone.Length > 0)
        {
            return gone[_random.Next(gone.Length)];
        }

        LoadedInstance added = new($"{seed}/{number}/{_random.Next(Studies)}", $"{seed}/{number}/{_instances.Count}");
        _instances.Add(added);
        return added;
    }

    private async Task StoreAsync(HttpClient client, LoadedInstance instance)
    {
        bool isNew = !instance.IsThere || instance.Version != instance.StoredVersion;
        StowReply reply = await client.StoreAsync(instance.ToPart10());
        if (!reply.IsSuccess)
        {
            Faults.Add($"Store: {reply.Status} {reply.Body}");
            instance.IsUncertain = true;
            return;
        }

        instance.Stores += isNew ? 1 : 0;
        instance.IsThere = true;
        instance.StoredVersion = instance.Version;
    }

    private async Task DeleteAsync(HttpClient client, LoadedInstance instance)
    {
        HttpStatusCode status = await client.DeleteAsync(instance.Path);
        if (status != HttpStatusCode.NoContent)
        {
            Faults.Add($"Delete: {(int)status}");
            instance.IsUncertain = true;
            return;
        }

        instance.IsThere = false;
        instance.WasDeleted = true;
    }
}
