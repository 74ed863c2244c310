using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>An association of a pool with what was proposed on it.</summary>
internal sealed class PooledAssociation(Association association, IReadOnlyList<ContextNeed> proposed, TimeProvider time)
{
    private readonly HashSet<ContextNeed> _proposed = [.. proposed];
    private readonly long _openedAt = time.GetTimestamp();
    private long _usedAt = time.GetTimestamp();

    public Association Association => association;

    public TimeSpan IdleFor => time.GetElapsedTime(_usedAt);

    public void Touch() => _usedAt = time.GetTimestamp();

    /// <summary>
    /// The peer has decided on all of the needs; a refusal counts only for a while, because peers are reconfigured while associations last.
    /// </summary>
    public bool Covers(IReadOnlyList<ContextNeed> needs, TimeSpan refusalLifetime)
    {
        bool isYoung = time.GetElapsedTime(_openedAt) < refusalLifetime;
        return needs.All(need => _proposed.Contains(need)
            && (isYoung || association.FindScuContext(need.AbstractSyntax, need.TransferSyntax) is not null));
    }
}

/// <summary>
/// A presentation context that someone wants to use: proposed with this transfer syntax alone, so that the peer says of each whether it
/// takes it.
/// </summary>
public readonly record struct ContextNeed(string AbstractSyntax, string TransferSyntax);
