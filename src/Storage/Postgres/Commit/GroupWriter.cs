using ImagingIngestion.Grains;
using Npgsql;

namespace ImagingIngestion.Storage;

/// <summary>
/// Commits groups of changes, each in one round trip that is a transaction of its own. A change that cannot be written is found by halving
/// its group; what can be written is.
/// </summary>
/// <param name="pool">Where connections come from.</param>
/// <param name="committed">Called after each commit, for the sequencer of events.</param>
internal sealed class GroupWriter(NpgsqlDataSource pool, Action committed)
{
    /// <exception cref="ManifestUnavailableException">Nothing is known to be committed.</exception>
    public async Task<IReadOnlyList<StudyCommitResult>> CommitAsync(IReadOnlyList<PreparedStudyChange> changes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return changes.Count == 0 ? [] : await CommitPartAsync(changes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A change of which another writer holds the study for too long is a conflict: that writer is about to change its version.</summary>
    private async Task<IReadOnlyList<StudyCommitResult>> CommitPartAsync(IReadOnlyList<PreparedStudyChange> changes, CancellationToken cancellationToken)
    {
        (IReadOnlyList<StudyCommitResult>? results, StudyCommitResult failure) = await TryAsync(changes, skipLocked: false, cancellationToken).ConfigureAwait(false);
        if (results is null && failure == StudyCommitResult.VersionConflict)
        {
            (results, failure) = await TryAsync(changes, skipLocked: true, cancellationToken).ConfigureAwait(false);
        }

        if (results is not null)
        {
            return results;
        }

        if (changes.Count == 1)
        {
            return [failure];
        }

        int half = changes.Count / 2;
        IReadOnlyList<StudyCommitResult> first = await CommitPartAsync([.. changes.Take(half)], cancellationToken).ConfigureAwait(false);
        IReadOnlyList<StudyCommitResult> second = await CommitPartAsync([.. changes.Skip(half)], cancellationToken).ConfigureAwait(false);
        return [.. first, .. second];
    }

    /// <summary>The results, or null and what is wrong with one of the changes, none of which is written then.</summary>
    private async Task<(IReadOnlyList<StudyCommitResult>? Results, StudyCommitResult Failure)> TryAsync(
        IReadOnlyList<PreparedStudyChange> changes, bool skipLocked, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlConnection connection = await pool.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using NpgsqlCommand command = GroupCall.Create(connection, changes, skipLocked);
            int[] answers = (int[])(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
            committed();
            return ([.. answers.Select(answer => (StudyCommitResult)answer)], default);
        }
        catch (PostgresException exception) when (PostgresErrors.IsRefusal(exception))
        {
            return (null, StudyCommitResult.Refused);
        }
        catch (PostgresException exception) when (PostgresErrors.IsLockConflict(exception))
        {
            return (null, StudyCommitResult.VersionConflict);
        }
        catch (Exception exception) when (PostgresErrors.IsUnavailable(exception))
        {
            throw PostgresErrors.ToUnavailable(exception);
        }
    }
}
