using System.Collections.Concurrent;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>When revisions are due, who may close them, and what they list (docs/design.md, promise 3).</summary>
public abstract class RevisionConformance : RevisionSteps
{
    [Fact]
    public async Task A_revision_is_due_when_the_delay_is_over()
    {
        SampleStudy study = new();
        Assert.Null(await NextDueAsync());
        await StoreOneAsync(study);

        Assert.Equal(Timing.Delay, await NextDueAsync());
        Time.Advance(Timing.Delay - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await ClaimAsync());
        Assert.Equal(TimeSpan.FromMilliseconds(1), await NextDueAsync());
        Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(TimeSpan.Zero, await NextDueAsync());
        RevisionClaim claim = Assert.Single(await ClaimAsync());
        Assert.Equal((study.Key, 0), (claim.Study, claim.Revision));
    }

    [Fact]
    public async Task A_later_change_moves_the_due_time()
    {
        SampleStudy study = new();
        await StoreOneAsync(study);
        Time.Advance(TimeSpan.FromSeconds(20));
        await StoreOneAsync(study);

        Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty(await ClaimAsync());
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(await ClaimAsync());
    }

    [Fact]
    public async Task Changes_without_end_do_not_put_a_revision_off_beyond_the_longest_delay()
    {
        SampleStudy study = new();
        await StoreOneAsync(study);
        for (int seconds = 20; seconds < 600; seconds += 20)
        {
            Time.Advance(TimeSpan.FromSeconds(20));
            await StoreOneAsync(study);
            Assert.Empty(await ClaimAsync());
        }

        Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Single(await ClaimAsync());
    }

    [Fact]
    public async Task A_change_that_times_nothing_leaves_the_due_time()
    {
        SampleStudy study = new();
        await StoreOneAsync(study);
        Time.Advance(TimeSpan.FromSeconds(20));
        await SaveAsync(study, study.Change());

        Assert.Equal(TimeSpan.FromSeconds(10), await NextDueAsync());
    }

    [Fact]
    public async Task A_running_lease_keeps_others_away_until_it_ends()
    {
        await StoreOneAsync(new SampleStudy());
        Time.Advance(Timing.Delay);
        RevisionClaim first = Assert.Single(await ClaimAsync());

        Assert.Empty(await ClaimAsync(owner: "other"));
        Assert.Equal(Lease, await NextDueAsync());
        Time.Advance(Lease);

        RevisionClaim second = Assert.Single(await ClaimAsync(owner: "other"));
        Assert.True(second.Token > first.Token);
    }

    [Fact]
    public async Task The_token_of_a_lease_that_ended_closes_nothing_once_another_has_claimed()
    {
        SampleStudy study = new();
        await StoreOneAsync(study);
        Time.Advance(Timing.Delay);
        RevisionClaim late = Assert.Single(await ClaimAsync());
        Time.Advance(Lease);
        RevisionClaim newest = Assert.Single(await ClaimAsync(owner: "other"));

        Assert.Equal(StudyCommitResult.NotDue, await CommitAsync(study.Close(late, new byte[1])));
        Assert.Equal(StudyCommitResult.Committed, await CommitAsync(study.Close(newest, new byte[1])));
        study.Version++;
        Assert.Equal(StudyCommitResult.NotDue, await CommitAsync(study.Close(newest, new byte[1])));
    }

    [Fact]
    public async Task Nothing_is_closed_without_a_claim_on_that_revision()
    {
        SampleStudy study = new();
        await StoreOneAsync(study);
        Time.Advance(Timing.Delay);

        Assert.Equal(StudyCommitResult.NotDue, await CommitAsync(study.Close(new RevisionClaim(study.Key, 0, Token: 0), new byte[1])));
        RevisionClaim claim = Assert.Single(await ClaimAsync());
        Assert.Equal(StudyCommitResult.NotDue, await CommitAsync(study.Close(claim with { Revision = 1 }, new byte[1])));
        Assert.NotEqual(StudyCommitResult.Committed, await CommitAsync(new SampleStudy().Close(claim, new byte[1])));
        study.Version--;
        Assert.Equal(StudyCommitResult.VersionConflict, await CommitAsync(study.Close(claim, new byte[1])));
        Assert.Null(await Events.FindRevisionAsync(study.Key, 0, CancellationToken.None));
    }

    [Fact]
    public async Task Claimers_at_the_same_time_share_what_is_due()
    {
        SampleStudy[] studies = [.. Enumerable.Range(0, 40).Select(_ => new SampleStudy())];
        await Task.WhenAll(studies.Select(study => StoreOneAsync(study)));
        Time.Advance(Timing.Delay);
        ConcurrentBag<RevisionClaim> claimed = [];

        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(async () =>
        {
            while (await ClaimAsync(max: 3, owner: $"silo {number}") is { Count: > 0 } claims)
            {
                Assert.InRange(claims.Count, 1, 3);
                Assert.All(claims, claimed.Add);
            }
        })));

        Assert.Equal(studies.Select(study => study.Key.Study.Value).Order(), claimed.Select(claim => claim.Study.Study.Value).Order());
    }

    [Fact]
    public async Task What_has_been_due_longest_is_claimed_first()
    {
        SampleStudy[] studies = [.. Enumerable.Range(0, 6).Select(_ => new SampleStudy())];
        foreach (SampleStudy study in studies.Reverse())
        {
            await StoreOneAsync(study);
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        Time.Advance(Timing.Delay);

        Assert.Equal([studies[5].Key, studies[4].Key], (await ClaimAsync(max: 2)).Select(claim => claim.Study));
        Assert.Equal([studies[3].Key, studies[2].Key], (await ClaimAsync(max: 2)).Select(claim => claim.Study));
    }

    [Fact]
    public async Task A_change_between_claim_and_closing_puts_the_closing_off()
    {
        SampleStudy study = new();
        await StoreOneAsync(study);
        Time.Advance(Timing.Delay);
        RevisionClaim claim = Assert.Single(await ClaimAsync());
        await StoreOneAsync(study);
        EventLogBounds before = await Events.GetBoundsAsync(CancellationToken.None);

        Assert.Equal(StudyCommitResult.NotDue, await CommitAsync(study.Close(claim, new byte[1])));

        StudyState? state = await Store.LoadStudyAsync(study.Key, CancellationToken.None);
        Assert.Equal((study.Version, 0), (state!.Version, state.NextRevision));
        Assert.Equal(before, await Events.GetBoundsAsync(CancellationToken.None));
        Assert.Null(await Events.FindRevisionAsync(study.Key, 0, CancellationToken.None));
        Assert.Equal(Timing.Delay, await NextDueAsync());
        await SettleAsync(study);
    }

    [Fact]
    public async Task After_the_longest_delay_a_change_puts_nothing_off()
    {
        SampleStudy study = new();
        await StoreOneAsync(study);
        Time.Advance(Timing.MaxDelay);
        RevisionClaim claim = Assert.Single(await ClaimAsync());
        await StoreOneAsync(study);

        Assert.Equal(StudyCommitResult.Committed, await CommitAsync(study.Close(claim, new byte[1])));
    }

    [Fact]
    public async Task Revisions_count_from_zero_without_gap()
    {
        SampleStudy study = new();
        for (int revision = 0; revision < 4; revision++)
        {
            await StoreOneAsync(study);
            byte[] data = await SettleAsync(study);

            Assert.Equal(data, (await Events.FindRevisionAsync(study.Key, revision, CancellationToken.None))?.ToArray());
            StudyState? state = await Store.LoadStudyAsync(study.Key, CancellationToken.None);
            Assert.Equal((study.Version, revision + 1, revision + 1), (state!.Version, state.NextRevision, state.InstanceCount));
            Assert.Null(await NextDueAsync());
            Time.Advance(Timing.MaxDelay);
            Assert.Empty(await ClaimAsync());
        }

        Assert.Null(await Events.FindRevisionAsync(study.Key, 4, CancellationToken.None));
    }

    [Fact]
    public async Task In_a_group_only_the_closing_that_is_not_due_is_left_out()
    {
        SampleStudy[] studies = [new(), new(), new()];
        await Task.WhenAll(studies.Select(study => StoreOneAsync(study)));
        Time.Advance(Timing.Delay);
        Dictionary<StudyKey, RevisionClaim> claims = (await ClaimAsync()).ToDictionary(claim => claim.Study);
        await StoreOneAsync(studies[1]);

        IReadOnlyList<StudyCommitResult> results = await Store.CommitAsync(
            [.. studies.Select(study => study.Close(claims[study.Key], new byte[1]))], CancellationToken.None);

        Assert.Equal([StudyCommitResult.Committed, StudyCommitResult.NotDue, StudyCommitResult.Committed], results);
    }

    [Fact]
    public async Task Due_times_and_claims_outlive_the_process()
    {
        SampleStudy study = new();
        await StoreOneAsync(study);
        await ReopenAsync();

        Assert.Equal(Timing.Delay, await NextDueAsync());
        Time.Advance(Timing.Delay);
        RevisionClaim claim = Assert.Single(await ClaimAsync());
        await ReopenAsync();

        Assert.Empty(await ClaimAsync(owner: "other"));
        Assert.Equal(StudyCommitResult.Committed, await CommitAsync(study.Close(claim, new byte[1])));
    }
}
