using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Silo.Cluster;

/// <summary>
/// Gives calls on to the silo that rendezvous hashing names for their study, one attempt each: that silo decides them, whoever it thinks is
/// the owner.
/// </summary>
internal sealed partial class StudyForwarder(
    SiloDirectory silos, SiloChannels channels, SiloSelf self, ClusterOptions options, ILogger<StudyForwarder> logger) : IStudyForwarder
{
    public bool TryForward(StudyKey key, IReadOnlyList<StudyTurn> turns)
    {
        // Each heartbeat looks at the table.
        if (silos.Order(key).FirstOrDefault() is not { } owner || owner.Id == self.Id)
        {
            return false;
        }

        LogForward(logger, turns.Count, key.Study.Value, owner.Id);
        foreach (StudyTurn turn in turns)
        {
            _ = ForwardAsync(owner, key, turn, turn.Caller.Token);
        }

        return true;
    }

    /// <summary>Never fails: the caller gets the owner's answer, or is told to ask another silo.</summary>
    private async Task ForwardAsync(SiloEntry owner, StudyKey key, StudyTurn turn, CancellationToken cancellationToken)
    {
        try
        {
            EncodedCall call = EncodedCall.Of(turn.ToCall(key));
            SiloReply reply = await channels.CallAsync(owner, call, GiveUpAt(turn.Caller), isForwarded: true, cancellationToken);
            if (reply.Kind != SiloReplyKind.Answered)
            {
                silos.Suspect(owner, reply.Reason);
                turn.Fail(new ManifestUnavailableException(
                    "The call was given on to the silo of this study, which did not answer; send again.") { IsOfThisSilo = true });
                return;
            }

            if (!turn.TryComplete(reply.Answer!))
            {
                turn.Fail(ErrorOf(reply.Answer!));
            }
        }
        catch (Exception error)
        {
            LogForwardFailed(logger, key.Study.Value, error.GetType().Name);
            turn.Fail(new ManifestUnavailableException("The call could not be given on to the silo of this study; send again.", error)
            {
                IsOfThisSilo = true
            });
        }
    }

    /// <summary>A caller within this process has as much patience as one attempt takes.</summary>
    private long GiveUpAt(TurnCaller caller) => channels.Now + (caller.Clock is { } clock
        ? (long)clock.GetElapsedTime(clock.GetTimestamp(), caller.GivesUpAt).TotalMilliseconds
        : (long)options.Calls.AttemptTimeout.TotalMilliseconds);

    private static Exception ErrorOf(GrainAnswer answer) => answer.Kind switch
    {
        GrainAnswerKind.Overloaded => new GrainOverloadedException(),
        GrainAnswerKind.ManifestUnavailable => new ManifestUnavailableException(answer.Detail),
        GrainAnswerKind.ManifestFull => new ManifestUnavailableException(answer.Detail) { IsFull = true },
        _ => new ManifestUnavailableException("The silo of this study did not take the call; send again.") { IsOfThisSilo = true },
    };
}
