using System.Collections.Concurrent;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.EndToEnd.Tests.Durability;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Dimse;

/// <summary>
/// Modalities that store without pause until the server is gone: small instances one by one, several at once on one association, and large ones, of
/// which one is nearly always on its way.
/// </summary>
internal sealed class DimseLoad(int port, int seed) : IRecordedLoad
{
    private const int SmallClients = 4;
    private const int OverlappingClients = 1;
    private const int LargeClients = 2;
    private const int Window = 4;
    private const int LargeBytes = 6 * 1024 * 1024;
    private const int Studies = 3;

    private readonly ConcurrentBag<LoadInstance> _acknowledged = [];
    private readonly ConcurrentDictionary<StoredPath, LoadInstance> _sent = [];
    private readonly ConcurrentBag<string> _faults = [];
    private int _answers;

    public IReadOnlyCollection<LoadInstance> Acknowledged => _acknowledged;

    public IReadOnlyDictionary<StoredPath, LoadInstance> Sent => _sent;

    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>Runs until every client has lost the server; calls back once, at the given number of answers.</summary>
    public async Task RunAsync(int answers, Func<Task> atThatMoment)
    {
        TaskCompletionSource moment = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task all = Task.WhenAll(Enumerable.Range(0, SmallClients + OverlappingClients + LargeClients).Select(number => Task.Run(() => SendAsync(number, answers, moment))));
        if (await Task.WhenAny(all, moment.Task) == moment.Task)
        {
            await atThatMoment();
        }

        await all;
    }

    private async Task SendAsync(int number, int answers, TaskCompletionSource moment)
    {
        Random random = new(unchecked((seed * 7919) + number));
        bool isLarge = number >= SmallClients + OverlappingClients;
        int window = number >= SmallClients && !isLarge ? Window : 1;
        try
        {
            await using DimseSender sender = await DimseSender.ConnectAsync(port, [(TestInstance.SecondaryCapture, Syntax.ExplicitLittle)], operations: window);
            for (int round = 0; ; round++)
            {
                LoadInstance[] instances = [.. Enumerable.Range(0, window).Select(part => Next(random, $"{seed}/{number}/{round}/{part}", isLarge))];
                await Task.WhenAll(instances.Select(instance => StoreAsync(sender, instance, answers, moment)));
            }
        }
        catch (AssociationException)
        {
            // The server is gone, which is what this is about.
        }
    }

    private async Task StoreAsync(DimseSender sender, LoadInstance instance, int answers, TaskCompletionSource moment)
    {
        _sent[instance.Path] = instance;
        CStoreResponse response = await sender.StoreAsync(TestInstance.SecondaryCapture, instance.Path.Sop, Syntax.ExplicitLittle, instance.ToDataSet());
        if (response.Status.IsSuccess)
        {
            _acknowledged.Add(instance);
        }
        else if (response.Status != DimseStatus.OutOfResources)
        {
            _faults.Add($"{response.Status} {response.ErrorComment}");
        }

        if (Interlocked.Increment(ref _answers) == answers)
        {
            moment.TrySetResult();
        }
    }

    private LoadInstance Next(Random random, string name, bool isLarge)
    {
        int size = isLarge ? LargeBytes : 512 * random.Next(1, 100);
        return new LoadInstance(random.Next(4) == 0 ? name : $"{seed}/{random.Next(Studies)}", name, size);
    }
}
