using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Commits groups of changes, each in one round trip that is a transaction of its own.</summary>
/// <remarks>
/// Halving a group finds the change that cannot be written; the others are committed. A group waits only a short time for a lock: otherwise
/// one locked study would stop all others.
/// </remarks>
/// <param name="pool">Where connections come from.</param>
/// <param name="committed">Called after each commit, for the sequencer of events.</param>
/// <param name="timeProvider">Paces the tries of a single change.</param>
internal sealed class GroupWriter(NpgsqlDataSource pool, Action committed, TimeProvider timeProvider) : IDisposable
{
    /// <summary>So many changes that wait for a lock may hold a connection at the same time, and only during a try.</summary>
    private const int AloneAtOnce = 2;

    private const string VersionsSql = """
        SELECT c.n FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS c (study_uid, provider, version, n)
        JOIN study s ON s.study_uid = c.study_uid AND s.provider = c.provider AND s.version = c.version
        """;

    private static readonly TimeSpan GroupLockTime = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AloneLockTime = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(800);

    /// <summary>After that the caller reloads the study and decides again.</summary>
    private static readonly TimeSpan AloneTime = TimeSpan.FromSeconds(4);

    private readonly SemaphoreSlim _alone = new(AloneAtOnce);

    /// <exception cref="ManifestUnavailableException">Nothing is known to be committed.</exception>
    public async Task<IReadOnlyList<StudyCommitResult>> CommitAsync(
        IReadOnlyList<PreparedStudyChange> changes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return changes.Count == 0 ? [] : await CommitPartAsync(changes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Commits a change whose study another session holds.</summary>
    /// <remarks>That session is about to change the study's version, or is a foreign one that ends some time.</remarks>
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
                ? await MarkLockedAsync(changes, results, cancellationToken).ConfigureAwait(false)
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

    /// <summary>Marks locked studies.</summary>
    /// <remarks>If a study was skipped and still has the expected version, it was locked.</remarks>
    private async Task<IReadOnlyList<StudyCommitResult>> MarkLockedAsync(
        IReadOnlyList<PreparedStudyChange> changes, IReadOnlyList<StudyCommitResult> results, CancellationToken cancellationToken)
    {
        int[] passed = [.. Enumerable.Range(0, changes.Count).Where(index => results[index] == StudyCommitResult.VersionConflict)];
        StudyState[] expected = [.. passed.Select(index => changes[index].Change.Before ?? changes[index].Change.After)];
        NpgsqlCommand query = new NpgsqlCommand(VersionsSql)
            .With(expected.Select(study => study.Key.Study.Value).ToArray())
            .With(expected.Select(study => study.Key.Provider.Value).ToArray())
            .With(expected.Select(study => study.Version).ToArray());
        IReadOnlyList<long> places = await pool.ListAsync(query, rows => rows.GetInt64(0), cancellationToken).ConfigureAwait(false);
        HashSet<int> locked = [.. places.Select(place => passed[(int)place - 1])];
        return [.. results.Select((result, index) => locked.Contains(index) ? StudyCommitResult.Contended : result)];
    }

    /// <summary>Returns the results; or null and what is wrong with one of the changes, so that none is written.</summary>
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
