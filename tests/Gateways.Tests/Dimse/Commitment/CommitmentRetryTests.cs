using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Gateways.Tests.Dimse.Commitment;

/// <summary>Reports are retried over restarts and while the requestor is away, but not forever.</summary>
public sealed class CommitmentRetryTests
{
    [Fact]
    public async Task A_restart_between_request_and_report_loses_nothing()
    {
        await using CommitmentScu scu = new();
        await scu.ListenAsync();
        await using CommitmentHost host =
            await CommitmentHost.StartAsync(CommitmentHost.Quick with { ReportDelay = TimeSpan.FromSeconds(2) }, scu);
        (string, string) stored = await host.StoreAsync();
        string transaction = CommitmentData.NewUid();
        Association association = await scu.AssociateAsync(host.Port);
        Assert.Equal(DimseStatus.Success, await CommitmentScu.AskAsync(association, transaction, stored));

        await host.StopAsync();
        await host.StartAsync();
        CommitmentReport report = await scu.NextReportAsync();

        Assert.Equal((1, transaction, true), (report.EventTypeId, report.Transaction, report.IsReverse));
        Assert.Equal([stored], report.Committed);
        await association.DisposeAsync();
    }

    [Fact]
    public async Task A_requestor_that_was_down_hears_the_result_when_it_is_up_again()
    {
        await using CommitmentScu scu = new();
        await scu.ListenAsync();
        int port = scu.Port;
        await using CommitmentHost host = await CommitmentHost.StartAsync(null, scu);
        string transaction = CommitmentData.NewUid();
        await scu.LeaveAsync();
        await scu.AskAndLeaveAsync(host.Port, transaction, await host.StoreAsync());
        await host.LoggedAsync(4553, times: 2);

        await scu.ListenAsync(port);
        CommitmentReport report = await scu.NextReportAsync();

        Assert.Equal((1, transaction), (report.EventTypeId, report.Transaction));
        await host.LoggedAsync(4552);
        Assert.Null(await host.Queue.NextDueAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_report_that_the_requestor_refuses_is_sent_again()
    {
        await using CommitmentScu scu = new();
        scu.Answers.Enqueue(DimseStatus.ProcessingFailure);
        scu.Answers.Enqueue(DimseStatus.ProcessingFailure);
        await scu.ListenAsync();
        await using CommitmentHost host = await CommitmentHost.StartAsync(null, scu);
        await using Association association = await scu.AssociateAsync(host.Port);

        await CommitmentScu.AskAsync(association, CommitmentData.NewUid(), await host.StoreAsync());

        Assert.False((await scu.NextReportAsync()).IsReverse);
        Assert.True((await scu.NextReportAsync()).IsReverse);
        Assert.True((await scu.NextReportAsync()).IsReverse);
        await host.LoggedAsync(4552);
        Assert.Contains("0110", await host.LoggedAsync(4553), StringComparison.Ordinal);
    }

    [Fact]
    public Task A_requestor_that_keeps_silent_on_its_association_is_called_on_another()
        => AssertHearsAfterSilencesAsync(1, (_, association) =>
        {
            Assert.True(association.IsOpen);
            return Task.CompletedTask;
        });

    [Fact]
    public Task A_requestor_that_answers_no_report_is_called_again_and_again()
        => AssertHearsAfterSilencesAsync(
            3, async (host, _) => Assert.Contains("does not answer", await host.LoggedAsync(4553, times: 2), StringComparison.Ordinal));

    [Fact]
    public async Task A_title_that_is_no_peer_is_named_and_given_up_when_the_request_is_too_old()
    {
        await using CommitmentHost host = await CommitmentHost.StartAsync(CommitmentHost.Quick with { MaxAge = TimeSpan.FromSeconds(1) });
        await using CommitmentScu scu = new() { Title = new AeTitle("STRANGER") };

        await scu.AskAndLeaveAsync(host.Port, CommitmentData.NewUid(), await host.StoreAsync());

        string line = await host.LoggedAsync(4554);
        Assert.Contains("STRANGER", line, StringComparison.Ordinal);
        Assert.Contains("Dimse:Peers", line, StringComparison.Ordinal);
        Assert.Null(await host.Queue.NextDueAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_peer_added_while_the_process_was_down_hears_of_older_requests()
    {
        await using CommitmentHost host = await CommitmentHost.StartAsync();
        await using CommitmentScu scu = new();
        await scu.ListenAsync();
        string transaction = CommitmentData.NewUid();
        await scu.AskAndLeaveAsync(host.Port, transaction, await host.StoreAsync());
        await host.LoggedAsync(4553);

        await host.StopAsync();
        host.Peers.Add(CommitmentHost.PeerOf(scu.Title, scu.Port));
        await host.StartAsync();

        Assert.Equal(transaction, (await scu.NextReportAsync()).Transaction);
    }

    [Fact]
    public async Task A_peer_that_does_not_grant_the_role_is_named_in_the_log()
    {
        await using CommitmentScu scu = new() { GrantsRoles = false };
        await scu.ListenAsync();
        await using CommitmentHost host = await CommitmentHost.StartAsync(null, scu);

        await scu.AskAndLeaveAsync(host.Port, CommitmentData.NewUid(), await host.StoreAsync());

        Assert.Contains("SCP role", await host.LoggedAsync(4553), StringComparison.Ordinal);
        Assert.False(scu.HasReport);
    }

    /// <summary>The first reports get no answer, the next one succeeds on a reverse association, and nothing is left to do.</summary>
    private static async Task AssertHearsAfterSilencesAsync(int silences, Func<CommitmentHost, Association, Task> check)
    {
        await using CommitmentScu scu = new() { Silences = silences };
        await scu.ListenAsync();
        await using CommitmentHost host =
            await CommitmentHost.StartAsync(CommitmentHost.Quick with { AnswerTimeout = TimeSpan.FromSeconds(2) }, scu);
        string transaction = CommitmentData.NewUid();
        await using Association association = await scu.AssociateAsync(host.Port);
        await CommitmentScu.AskAsync(association, transaction, await host.StoreAsync());

        CommitmentReport report = await scu.NextReportAsync();

        Assert.Equal((silences, transaction, true), (scu.Unanswered, report.Transaction, report.IsReverse));
        await host.LoggedAsync(4552);
        await check(host, association);
        Assert.Null(await host.Queue.NextDueAsync(CancellationToken.None));
    }
}
