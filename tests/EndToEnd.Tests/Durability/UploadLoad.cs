using System.Collections.Concurrent;
using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>Clients that store without pause until the server is gone.</summary>
/// <remarks>
/// They send small instances one by one, several of one study in one request, and large ones, one of which is nearly always under way.
/// </remarks>
internal sealed class UploadLoad(HttpClient client, int seed) : IRecordedLoad
{
    private const int SmallClients = 3;
    private const int MultipartClients = 2;
    private const int LargeClients = 2;
    private const int PartsOfARequest = 5;
    private const int LargeBytes = 6 * 1024 * 1024;
    private const int Studies = 3;

    private readonly ConcurrentBag<LoadInstance> _acknowledged = [];
    private readonly ConcurrentDictionary<StoredPath, LoadInstance> _sent = [];
    private readonly ConcurrentBag<string> _faults = [];
    private int _answers;

    /// <summary>Instances that an answer named as stored.</summary>
    public IReadOnlyCollection<LoadInstance> Acknowledged => _acknowledged;

    /// <summary>All instances that a client began to send.</summary>
    public IReadOnlyDictionary<StoredPath, LoadInstance> Sent => _sent;

    /// <summary>Answers that are neither a success nor a clear failure.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>Runs until every client has lost the server; runs the callback once, at the given number of answers.</summary>
    public async Task RunAsync(int answers, Func<Task> atThatMoment)
    {
        TaskCompletionSource moment = new(TaskCreationOptions.RunContinuationsAsynchronously);
        List<Task> clients = [];
        for (int number = 0; number < SmallClients + MultipartClients + LargeClients; number++)
        {
            int own = number;
            int parts = own is >= SmallClients and < SmallClients + MultipartClients ? PartsOfARequest : 1;
            bool isLarge = own >= SmallClients + MultipartClients;
            clients.Add(Task.Run(() => SendAsync(own, parts, isLarge, answers, moment)));
        }

        Task all = Task.WhenAll(clients);
        if (await Task.WhenAny(all, moment.Task) == moment.Task)
        {
            await atThatMoment();
        }

        await all;
    }

    private async Task SendAsync(int number, int parts, bool isLarge, int answers, TaskCompletionSource moment)
    {
        Random random = new(HashCode(seed, number));
        for (int request = 0; ; request++)
        {
            LoadInstance[] instances =
            [
                .. Enumerable.Range(0, parts).Select(part => Next(random, $"{seed}/{number}/{request}/{part}", isLarge))
            ];
            foreach (LoadInstance instance in instances)
            {
                _sent[instance.Path] = instance;
            }

            StowReply reply;
            try
            {
                reply = parts == 1
                    ? await client.StoreAsync(instances[0].ToPart10())
                    : await client.StoreAllAsync(instances.Select(instance => new ReadOnlyMemory<byte>(instance.ToPart10())));
            }
            catch (HttpRequestException)
            {
                // The server is gone, as the test intends.
                return;
            }

            Note(reply, instances);
            if (Interlocked.Increment(ref _answers) == answers)
            {
                moment.TrySetResult();
            }
        }
    }

    private void Note(StowReply reply, LoadInstance[] instances)
    {
        foreach (StoredPath path in reply.Stored)
        {
            _acknowledged.Add(instances.Single(instance => instance.Path == path));
        }

        if (reply.Status is not (200 or 202 or 503) || (reply.Status == 200 && reply.Stored.Count != instances.Length))
        {
            _faults.Add($"{reply.Status} {reply.Body}");
        }
    }

    private LoadInstance Next(Random random, string name, bool isLarge)
    {
        int size = isLarge ? LargeBytes : 512 * random.Next(1, 100);
        return new LoadInstance(random.Next(4) == 0 ? name : $"{seed}/{random.Next(Studies)}", name, size);
    }

    private static int HashCode(int seed, int number) => unchecked((seed * 7919) + number);
}
