using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Gateways.Cluster;

/// <summary>
/// One call with all its attempts. A silo that cannot be reached, leaves, or does not answer is passed over for the next in the order of
/// the study; one that has no room is asked again after a pause. Once the outcome of an attempt is unknown, no later answer can say any
/// more that nothing was done.
/// </summary>
internal sealed class RemoteCall(
    GrainCall call, SiloDirectory directory, SiloChannels channels, ClusterCallOptions options, TimeProvider time)
{
    private const int MaxOverloads = 6;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly EncodedCall _encoded = EncodedCall.Of(call);
    private readonly long _deadline = channels.Now + (long)options.Deadline.TotalMilliseconds;
    private readonly HashSet<string> _passed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _stale = new(StringComparer.Ordinal);
    private bool _mayCommitLater;
    private int _overloads;
    private int _rounds;
    private string _lastReason = "no silo is alive";

    public async Task<RemoteAnswer> RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            IReadOnlyList<SiloEntry> order = await directory.OrderAsync(call.Study, cancellationToken);
            if (order.FirstOrDefault(silo => !_passed.Contains(silo.Id)) is not { } silo)
            {
                await BeginRoundAsync(cancellationToken);
                continue;
            }

            long giveUpAt = Math.Min(channels.Now + (long)options.AttemptTimeout.TotalMilliseconds, _deadline);
            SiloReply reply = await channels.CallAsync(silo, _encoded, giveUpAt, isForwarded: false, cancellationToken);
            if (reply is { Kind: SiloReplyKind.Answered, Answer: { } answer })
            {
                directory.Trust(silo);
                if (await IsFinalAsync(silo, answer, cancellationToken))
                {
                    return new RemoteAnswer(answer, _mayCommitLater);
                }
            }
            else
            {
                _mayCommitLater |= reply.Kind == SiloReplyKind.Unknown;
                Pass(silo, reply.Reason);
            }

            if (channels.Now >= _deadline)
            {
                throw OutOfTime();
            }
        }
    }

    /// <summary>Whether the answer is the caller's; otherwise the next attempt may be made.</summary>
    private async Task<bool> IsFinalAsync(SiloEntry silo, GrainAnswer answer, CancellationToken cancellationToken)
    {
        switch (answer.Kind)
        {
            case GrainAnswerKind.ManifestUnavailable:
                throw new ManifestUnavailableException(answer.Detail);
            case GrainAnswerKind.ManifestFull:
                throw new ManifestUnavailableException(answer.Detail) { IsFull = true };
            case GrainAnswerKind.Failed:
                throw new InvalidOperationException($"Silo {silo.Id} failed; its log has the error.");
            case GrainAnswerKind.Overloaded:
                await BackOffAsync(answer.RetryAfter, cancellationToken);
                return false;
            case GrainAnswerKind.Stopping:
            case GrainAnswerKind.NotThisSilo:
                Pass(silo, "it is leaving");
                return false;
            case GrainAnswerKind.Interrupted:
                _mayCommitLater = true;
                _passed.Add(silo.Id);
                _lastReason = answer.Detail;
                return false;
            case GrainAnswerKind.NotUnderstood:
                Pass(silo, $"it does not understand the call. {answer.Detail}");
                return false;
            case GrainAnswerKind.Stale when _stale.Add(silo.Id):
                // Its clock is known better now.
                return false;
            case GrainAnswerKind.Stale:
                Pass(silo, "it takes the call for an old one");
                return false;
            default:
                return true;
        }
    }

    private void Pass(SiloEntry silo, string reason)
    {
        _passed.Add(silo.Id);
        _lastReason = reason;
        directory.Suspect(silo, reason);
    }

    /// <summary>Every silo was tried: looks who is alive now, after a pause that grows.</summary>
    private async Task BeginRoundAsync(CancellationToken cancellationToken)
    {
        await PauseAsync(Jittered(FirstPause * (1 << Math.Min(_rounds, 6))), cancellationToken);
        _rounds++;
        _passed.Clear();
        _stale.Clear();
        if (channels.Now >= _deadline)
        {
            throw OutOfTime();
        }

        await directory.RefreshAsync(cancellationToken);
    }

    private async Task BackOffAsync(TimeSpan asked, CancellationToken cancellationToken)
    {
        if (++_overloads >= MaxOverloads)
        {
            throw _mayCommitLater
                ? new ManifestUnavailableException("The silo has no room, and an attempt before was cut off; send again.")
                : new GrainOverloadedException();
        }

        TimeSpan grown = FirstPause * (1 << _overloads);
        await PauseAsync(Jittered(asked > grown ? asked : grown), cancellationToken);
    }

    private ManifestUnavailableException OutOfTime() => new(_mayCommitLater
        ? $"No silo answered in time, so that the outcome is not known; send again. The last one: {_lastReason}."
        : $"No silo could take the call in time; send again. The last one: {_lastReason}.");

    private static TimeSpan Jittered(TimeSpan pause)
    {
        TimeSpan longest = pause > LongestPause ? LongestPause : pause;
        return longest * (0.5 + (Random.Shared.NextDouble() / 2));
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(pause, time);
        await timer.WaitForNextTickAsync(cancellationToken);
    }
}
