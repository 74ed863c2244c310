using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres.Commit;

/// <summary>
/// Commits groups of changes, each in one round trip that is a transaction of its own. A change that cannot be written is found by halving
/// its group; what can be written is. A group waits for nobody's lock for long: one study that somebody holds would stop all others.
/// </summary>
/// <param name="pool">Where connections come from.</param>
/// <param name="committed">Called after each commit, for the sequencer of events.</param>
/// <param name="timeProvider">Paces the tries of a change alone.</param>
internal sealed class GroupWriter(NpgsqlDataSource pool, Action committed, TimeProvider timeProvider) : IDisposable
{
    /// <summary>So many changes that wait for a lock hold a connection at a time, and each only for the time of one try.</summary>
    private const int AloneAtOnce = 2;

    private const string VersionsSql = """
        SELECT c.n FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS c (study_uid, provider, version, n)
        JOIN study s ON s.study_uid = c.study_uid AND s.provider = c.provider AND s.version = c.version
        """;

    private static readonly TimeSpan GroupLockTime = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AloneLockTime = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(800);

    /// <summary>Then the caller reloads the study and decides again.</summary>
    private static readonly TimeSpan AloneTime = TimeSpan.FromSeconds(4);

    private readonly SemaphoreSlim _alone = new(AloneAtOnce);

    /// <exception cref="ManifestUnavailableException">Nothing is known to be committed.</exception>
    public async Task<IReadOnlyList<StudyCommitResult>> CommitAsync(
        IReadOnlyList<PreparedStudyChange> changes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return changes.Count == 0 ? [] : await CommitPartAsync(changes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Commits a change whose study somebody else holds: waits for that one, who is about to change the study's version, or is a stranger.
    /// </summary>
    /// <exception cref="ManifestUnavailableException">Nothing is known to be committed.</exception>
    public async Task<StudyCommitResult> CommitAloneAsync(PreparedStudyChange change, CancellationToken cancellationToken)
    {
        Signal over = new(timeProvider);
        long began = timeProvider.GetTimestamp();
        for (TimeSpan pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            await _alone.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                (IReadOnlyList<StudyCommitResult>? results, StudyCommitResult failure) =
                    await TryAsync([change], skipLocked: false, AloneLockTime, cancellationToken).ConfigureAwait(false);
                if ((results?[0] ?? failure) is var result and not StudyCommitResult.Contended)
                {
                    return result;
                }
            }
            finally
            {
                _alone.Release();
            }

            if (timeProvider.GetElapsedTime(began) >= AloneTime)
            {
                return StudyCommitResult.VersionConflict;
            }

            await over.WaitAsync(pause, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _alone.Dispose();

    private async Task<IReadOnlyList<StudyCommitResult>> CommitPartAsync(
        IReadOnlyList<PreparedStudyChange> changes, CancellationToken cancellationToken)
    {
        (IReadOnlyList<StudyCommitResult>? results, StudyCommitResult failure) =
            await TryAsync(changes, skipLocked: true, GroupLockTime, cancellationToken).ConfigureAwait(false);
        if (results is not null)
        {
            return results.Contains(StudyCommitResult.VersionConflict)
                ? await TellLockedAsync(changes, results, cancellationToken).ConfigureAwait(false)
                : results;
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

    /// <summary>Of what was passed over, a study that still has the expected version was locked.</summary>
    private async Task<IReadOnlyList<StudyCommitResult>> TellLockedAsync(
        IReadOnlyList<PreparedStudyChange> changes, IReadOnlyList<StudyCommitResult> results, CancellationToken cancellationToken)
    {
        int[] passed = [.. Enumerable.Range(0, changes.Count).Where(index => results[index] == StudyCommitResult.VersionConflict)];
        StudyState[] expected = [.. passed.Select(index => changes[index].Change.Before ?? changes[index].Change.After)];
        NpgsqlCommand query = new NpgsqlCommand(VersionsSql)
            .With(expected.Select(study => study.Key.Study.Value).ToArray())
            .With(expected.Select(study => study.Key.Provider.Value).ToArray())
            .With(expected.Select(study => study.Version).ToArray());
        HashSet<int> locked = [.. (await pool.ListAsync(query, rows => rows.GetInt64(0), cancellationToken).ConfigureAwait(false)).Select(
            place => passed[(int)place - 1])];
        return [.. results.Select((result, index) => locked.Contains(index) ? StudyCommitResult.Contended : result)];
    }

    /// <summary>The results, or null and what is wrong with one of the changes, none of which is written then.</summary>
    private async Task<(IReadOnlyList<StudyCommitResult>? Results, StudyCommitResult Failure)> TryAsync(
        IReadOnlyList<PreparedStudyChange> changes, bool skipLocked, TimeSpan lockTime, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlConnection connection = await pool.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using NpgsqlCommand command = GroupCall.Create(connection, changes, skipLocked, lockTime);
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
            return (null, StudyCommitResult.Contended);
        }
        catch (Exception exception) when (PostgresErrors.IsUnavailable(exception))
        {
            throw PostgresErrors.ToUnavailable(exception);
        }
    }
}
