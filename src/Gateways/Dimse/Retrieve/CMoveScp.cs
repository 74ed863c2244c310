using System.Collections.Concurrent;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Gateways.Dimse.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Dimse.Retrieve;

/// <summary>C-MOVE as SCP (PS3.4 section C.4.2): sends the instances to a configured peer over separate associations.</summary>
internal sealed partial class CMoveScp(
    RetrievePreparation preparation, StoredInstanceSender sender, DimsePeers peers, AssociationRequestor requestor,
    IOptions<DimseOptions> options,
    ILogger<CMoveScp> logger) : IDimseService
{
    private readonly DimseOptions _options = options.Value;

    /// <summary>After so many consecutive associations that were lost without storing an instance, the destination is given up.</summary>
    private const int MaxWithoutProgress = 3;

    public bool Performs(DimseRequest request) => request is CMoveRequest;

    public async Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken)
    {
        CMoveRequest request = (CMoveRequest)operation.Request;
        if (peers.Find(request.MoveDestination) is not { } destination)
        {
            await preparation.RefuseAsync(
                operation, DimseStatus.MoveDestinationUnknown, "The move destination is not among the configured peers", cancellationToken);
            return;
        }

        if (await preparation.SelectAsync(operation, cancellationToken) is not { } items)
        {
            return;
        }

        RetrieveProgress progress = new(operation, items.Count);
        MoveOriginator originator = new(operation.Association.CallingAeTitle, request.MessageId);
        bool isReached = true;
        foreach (MoveGroup group in MoveGroup.Of(items))
        {
            isReached &= await MoveAsync(group, destination, originator, progress, cancellationToken);
        }

        if (progress.Failed > 0)
        {
            LogFailures(progress.Failed, progress.Total, operation.Association.CallingAeTitle.Value, destination.AeTitle.Value);
        }

        await progress.FinishAsync(
            isReached ? "Instances failed; the log of this system says why" : "The move destination gives no association",
            cancellationToken);
    }

    /// <summary>Sends one group; returns false if there was no association to the destination.</summary>
    private async Task<bool> MoveAsync(
        MoveGroup group, DimsePeer destination, MoveOriginator originator, RetrieveProgress progress, CancellationToken cancellationToken)
    {
        ConcurrentQueue<RetrieveItem> queue = new(group.Items);
        int associations = Math.Min(_options.Limits.MoveAssociations, group.Items.Count);
        bool[] areReached = await Task.WhenAll(
            Enumerable.Range(0, associations).Select(_ => WorkAsync(group, queue, destination, originator, progress, cancellationToken)));
        if (!progress.IsCancelled)
        {
            foreach (RetrieveItem item in queue)
            {
                progress.Fail(item);
            }
        }

        return areReached.Contains(true);
    }

    /// <summary>Sends until the queue is empty.</summary>
    /// <remarks>A lost association is replaced, because one instance that breaks the peer must not fail the others.</remarks>
    private async Task<bool> WorkAsync(
        MoveGroup group, ConcurrentQueue<RetrieveItem> queue, DimsePeer destination, MoveOriginator originator,
        RetrieveProgress progress, CancellationToken cancellationToken)
    {
        bool isReached = false;
        int withoutProgress = 0;
        while (!progress.IsCancelled && !queue.IsEmpty && withoutProgress < MaxWithoutProgress)
        {
            await using Association? association = await OpenAsync(group, destination, cancellationToken);
            if (association is null)
            {
                return isReached;
            }

            isReached = true;
            withoutProgress++;
            while (association.IsOpen && !progress.IsCancelled && queue.TryDequeue(out RetrieveItem item))
            {
                SubOperationResult result = await sender.SendAsync(association, item, originator, cancellationToken);
                withoutProgress = result == SubOperationResult.Failed ? withoutProgress : 0;
                await progress.AddAsync(item, result, cancellationToken);
            }

            await ReleaseAsync(association, cancellationToken);
        }

        return true;
    }

    private async Task<Association?> OpenAsync(MoveGroup group, DimsePeer destination, CancellationToken cancellationToken)
    {
        AssociationRequest request = new()
        {
            CallingAeTitle = new AeTitle(_options.AeTitle),
            CalledAeTitle = destination.AeTitle,
            PresentationContexts = group.Contexts,
        };
        try
        {
            return await requestor.RequestAsync(destination, request, cancellationToken);
        }
        catch (AssociationException exception)
        {
            LogNoAssociation(destination.AeTitle.Value, exception.Message);
            return null;
        }
    }

    private static async Task ReleaseAsync(Association association, CancellationToken cancellationToken)
    {
        try
        {
            await association.ReleaseAsync(cancellationToken);
        }
        catch (AssociationException)
        {
            // The answered instances are stored; how the association ends changes nothing.
        }
    }

    [LoggerMessage(4542, LogLevel.Warning, "No association to the move destination {Destination}: {Why}")]
    private partial void LogNoAssociation(string destination, string why);

    [LoggerMessage(4543, LogLevel.Warning, "{Failed} of {Total} instances that {CallingAeTitle} moves to {Destination} failed")]
    private partial void LogFailures(int failed, int total, string callingAeTitle, string destination);
}

/// <summary>
/// The instances of one association to a move destination, which has at most 128 presentation contexts (PS3.8 section 9.3.2.2).
/// </summary>
/// <param name="Contexts">One context for each SOP class and transfer syntax, so that the destination can accept each separately.</param>
/// <param name="Items">The instances of these contexts.</param>
internal sealed record MoveGroup(IReadOnlyList<ProposedContext> Contexts, IReadOnlyList<RetrieveItem> Items)
{
    public const int MaxContexts = 128;

    /// <summary>Forms as few groups as possible with the SOP classes in order of appearance; nearly always one.</summary>
    public static IReadOnlyList<MoveGroup> Of(IReadOnlyList<RetrieveItem> items)
    {
        List<List<(string SopClass, string Syntax)>> groups = [];
        Dictionary<string, int> groupOfClass = [];
        foreach (IGrouping<string, string> sopClass in items.Select(item => (item.SopClassUid, item.TransferSyntaxUid)).Distinct().GroupBy(
            pair => pair.SopClassUid, pair => pair.TransferSyntaxUid))
        {
            // Stored syntaxes come first, because the last ones are left out.
            (string, string)[] needs = [.. sopClass
                .Concat(sopClass.SelectMany(syntax => StorageContexts.Syntaxes(syntax)))
                .Distinct()
                .Take(MaxContexts)
                .Select(syntax => (sopClass.Key, syntax))];
            if (groups.Count == 0 || groups[^1].Count + needs.Length > MaxContexts)
            {
                groups.Add([]);
            }

            groups[^1].AddRange(needs);
            groupOfClass[sopClass.Key] = groups.Count - 1;
        }

        return [.. groups.Select((needs, number) => new MoveGroup(
            [.. needs.Select((need, index) => new ProposedContext((byte)((2 * index) + 1), need.SopClass, [need.Syntax]))],
            groups.Count == 1 ? items : [.. items.Where(item => groupOfClass[item.SopClassUid] == number)]))];
    }
}
