using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Manifest.Commitments;

namespace ImagingIngestion.Gateways.Dimse.Commitment;

/// <summary>
/// The associations that transactions were requested on, as long as they are open: a report may go on them (PS3.4 section J.3.3). A title
/// alone names no device for sure, so that a report never goes on another association of it.
/// </summary>
internal sealed class OpenTransactions
{
    private readonly ConcurrentDictionary<(string AeTitle, string TransactionUid), Entry> _open = new();

    public void Add(CommitmentRequest request, Association association, NegotiatedContext context)
    {
        (string, string) key = (request.CallingAeTitle, request.TransactionUid);
        Entry entry = new(association, context);
        _open[key] = entry;
        entry.Ending = association.Ended.Register(() => _open.TryRemove(KeyValuePair.Create(key, entry)));
    }

    /// <summary>Hands the association out once; false when it has ended, or the request came before a restart.</summary>
    public bool TryTake(
        CommitmentRequest request, [NotNullWhen(true)] out Association? association, [NotNullWhen(true)] out NegotiatedContext? context)
    {
        bool isKnown = _open.TryRemove((request.CallingAeTitle, request.TransactionUid), out Entry? entry);
        entry?.Ending.Unregister();
        association = entry?.Association;
        context = entry?.Context;
        return isKnown && association!.IsOpen;
    }

    private sealed class Entry(Association association, NegotiatedContext context)
    {
        public Association Association { get; } = association;

        public NegotiatedContext Context { get; } = context;

        public CancellationTokenRegistration Ending { get; set; }
    }
}
