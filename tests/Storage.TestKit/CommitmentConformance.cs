using System.Globalization;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>How requests for storage commitment are kept until they are reported.</summary>
public abstract class CommitmentConformance : ManifestConformance
{
    private static readonly CommitmentCapacity Plenty = new(1000, 1_000_000);
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_request_comes_back_as_it_was_added()
    {
        CommitmentRequest request = Request(references: 10_000);
        Assert.True(await AddAsync(request));
        Time.Advance(TimeSpan.FromSeconds(3));

        CommitmentClaim claim = Assert.Single(await ClaimAsync());

        Assert.Equal(request.References, claim.Request.References);
        Assert.Equal(
            (request.Provider, request.CallingAeTitle, request.CalledAeTitle, request.TransactionUid),
            (claim.Request.Provider, claim.Request.CallingAeTitle, claim.Request.CalledAeTitle, claim.Request.TransactionUid));
        Assert.Equal((TimeSpan.FromSeconds(3), 0), (claim.Age, claim.Attempts));
    }

    [Fact]
    public async Task A_request_is_due_when_its_delay_is_over()
    {
        Assert.Null(await NextDueAsync());
        await AddAsync(Request(), TimeSpan.FromSeconds(10));

        Assert.Equal(TimeSpan.FromSeconds(10), await NextDueAsync());
        Assert.Empty(await ClaimAsync());
        Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(TimeSpan.Zero, await NextDueAsync());
        Assert.Single(await ClaimAsync());
    }

    [Fact]
    public async Task Requests_survive_a_restart_with_their_attempts_and_due_times()
    {
        CommitmentRequest request = Request(references: 3);
        await AddAsync(request);
        Assert.True(await PutOffAsync(Assert.Single(await ClaimAsync()), TimeSpan.FromMinutes(2)));
        await AddAsync(Request());
        Assert.Single(await ClaimAsync());

        await ReopenAsync();

        Assert.Empty(await ClaimAsync());
        Time.Advance(Lease);
        CommitmentClaim leftBehind = Assert.Single(await ClaimAsync());
        Assert.NotEqual(request.TransactionUid, leftBehind.Request.TransactionUid);
        Time.Advance(Lease);
        CommitmentClaim putOff = Assert.Single(await ClaimAsync(), claim => claim.Request.TransactionUid == request.TransactionUid);
        Assert.Equal((1, TimeSpan.FromMinutes(2)), (putOff.Attempts, putOff.Age));
        Assert.Equal(request.References, putOff.Request.References);
    }

    [Fact]
    public async Task A_leased_request_is_nobody_elses_until_the_lease_ends()
    {
        await AddAsync(Request());
        CommitmentClaim late = Assert.Single(await ClaimAsync());

        Assert.Empty(await ClaimAsync());
        Assert.Equal(Lease, await NextDueAsync());
        Time.Advance(Lease);
        CommitmentClaim newest = Assert.Single(await ClaimAsync());

        Assert.True(newest.Token > late.Token);
        Assert.False(await RemoveAsync(late));
        Assert.False(await PutOffAsync(late, TimeSpan.Zero));
        Assert.True(await RemoveAsync(newest));
        Assert.False(await RemoveAsync(newest));
        Assert.Null(await NextDueAsync());
    }

    [Fact]
    public async Task The_longest_due_are_claimed_first_and_no_more_than_asked_for()
    {
        CommitmentRequest[] requests = [.. Enumerable.Range(0, 5).Select(_ => Request())];
        foreach (CommitmentRequest request in requests)
        {
            await AddAsync(request);
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        string[] first = await UidsAsync(2);
        string[] rest = await UidsAsync(10);

        Assert.Equal(requests[..2].Select(request => request.TransactionUid).Order(), first.Order());
        Assert.Equal(requests[2..].Select(request => request.TransactionUid).Order(), rest.Order());
    }

    [Fact]
    public async Task A_request_that_is_put_off_without_an_attempt_counts_none()
    {
        await AddAsync(Request());
        await PutOffAsync(Assert.Single(await ClaimAsync()), TimeSpan.FromSeconds(5), countsAsAttempt: false);

        Assert.Equal(TimeSpan.FromSeconds(5), await NextDueAsync());
        Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(0, Assert.Single(await ClaimAsync()).Attempts);
    }

    [Fact]
    public async Task The_newer_of_two_requests_of_one_transaction_counts()
    {
        CommitmentRequest request = Request();
        await AddAsync(request);
        CommitmentClaim older = Assert.Single(await ClaimAsync());
        CommitmentRequest again = request with { References = Request(references: 2).References };
        await AddAsync(again);

        Assert.False(await RemoveAsync(older));
        CommitmentClaim newer = Assert.Single(await ClaimAsync());

        Assert.Equal(again.References, newer.Request.References);
    }

    [Fact]
    public async Task One_transaction_uid_of_two_titles_or_two_spaces_is_three_requests()
    {
        CommitmentRequest request = Request();
        await AddAsync(request);
        await AddAsync(request with { CallingAeTitle = "ANOTHER" });
        await AddAsync(request with { Provider = new ProviderName("other") });

        Assert.Equal(3, (await ClaimAsync()).Count);
    }

    [Fact]
    public async Task More_than_the_capacity_is_not_added()
    {
        Assert.True(
            await Commitments.AddAsync(Request(references: 3), TimeSpan.Zero, new CommitmentCapacity(2, 10), CancellationToken.None));
        Assert.False(
            await Commitments.AddAsync(Request(references: 8), TimeSpan.Zero, new CommitmentCapacity(2, 10), CancellationToken.None));
        Assert.True(
            await Commitments.AddAsync(Request(references: 7), TimeSpan.Zero, new CommitmentCapacity(2, 10), CancellationToken.None));
        Assert.False(await Commitments.AddAsync(Request(), TimeSpan.Zero, new CommitmentCapacity(2, 100), CancellationToken.None));
        IReadOnlyList<CommitmentClaim> claims = await ClaimAsync();
        Assert.Equal(2, claims.Count);

        await RemoveAsync(claims[0]);

        Assert.True(await Commitments.AddAsync(Request(), TimeSpan.Zero, new CommitmentCapacity(2, 100), CancellationToken.None));
    }

    [Fact]
    public async Task Claims_at_the_same_time_share_the_requests()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => AddAsync(Request())));

        IReadOnlyList<CommitmentClaim>[] claims =
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ClaimAsync(max: 7))));

        Assert.Equal(40, claims.Sum(claim => claim.Count));
        Assert.Equal(40, claims.SelectMany(claim => claim).Select(claim => claim.Id).Distinct().Count());
    }

    private static CommitmentRequest Request(int references = 1) => new()
    {
        Provider = SampleStudy.Provider,
        CallingAeTitle = "MODALITY 1",
        CalledAeTitle = "INGEST",
        TransactionUid = SampleStudy.NewUid(),
        References = [.. Enumerable.Range(0, references).Select(number => new CommitmentReference(
            new SopClassUid("1.2.840.10008.5.1.4.1.1." + (number % 3).ToString(CultureInfo.InvariantCulture)),
            new SopInstanceUid(SampleStudy.NewUid())))],
    };

    private Task<bool> AddAsync(CommitmentRequest request, TimeSpan delay = default)
        => Commitments.AddAsync(request, delay, Plenty, CancellationToken.None);

    private Task<IReadOnlyList<CommitmentClaim>> ClaimAsync(int max = 100)
        => Commitments.ClaimDueAsync("kit", Lease, max, CancellationToken.None);

    private async Task<string[]> UidsAsync(int max) => [.. (await ClaimAsync(max)).Select(claim => claim.Request.TransactionUid)];

    private Task<TimeSpan?> NextDueAsync() => Commitments.NextDueAsync(CancellationToken.None);

    private Task<bool> RemoveAsync(CommitmentClaim claim) => Commitments.RemoveAsync(claim, CancellationToken.None);

    private Task<bool> PutOffAsync(CommitmentClaim claim, TimeSpan delay, bool countsAsAttempt = true)
        => Commitments.PutOffAsync(claim, delay, countsAsAttempt, CancellationToken.None);
}
