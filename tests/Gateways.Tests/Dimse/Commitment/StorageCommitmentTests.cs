using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.TestData;

namespace ImagingIngestion.Gateways.Tests.Dimse.Commitment;

/// <summary>Which requestor gets which result of storage commitment, and on which association (PS3.4 annex J).</summary>
public sealed class StorageCommitmentTests
{
    [Theory]
    [InlineData(Syntax.ExplicitLittle)]
    [InlineData(Syntax.ImplicitLittle)]
    public async Task The_report_comes_on_the_association_of_the_request_while_it_is_open(string syntax)
    {
        await using CommitmentHost host = await CommitmentHost.StartAsync();
        await using CommitmentScu scu = new();
        (string, string)[] stored = [await host.StoreAsync(), await host.StoreAsync()];
        string transaction = CommitmentData.NewUid();
        await using Association association = await scu.AssociateAsync(host.Port, syntax);

        Assert.Equal(DimseStatus.Success, await CommitmentScu.AskAsync(association, transaction, stored));
        CommitmentReport report = await scu.NextReportAsync();

        Assert.Equal((1, transaction, false), (report.EventTypeId, report.Transaction, report.IsReverse));
        Assert.Equal(stored, report.Committed);
        Assert.Empty(report.Failed);
        Assert.Equal("INGEST", report.Information.GetString(DicomTag.RetrieveAETitle));
        await association.ReleaseAsync(CancellationToken.None);
        await host.LoggedAsync(4552);
    }

    [Fact]
    public async Task The_report_comes_on_a_reverse_association_when_the_requestor_has_left()
    {
        await using CommitmentScu scu = new();
        await scu.ListenAsync();
        await using CommitmentHost host = await CommitmentHost.StartAsync(null, scu);
        (string, string) stored = await host.StoreAsync();
        string transaction = CommitmentData.NewUid();

        Assert.Equal(DimseStatus.Success, await scu.AskAndLeaveAsync(host.Port, transaction, stored));
        CommitmentReport report = await scu.NextReportAsync();

        Assert.Equal((1, transaction, true), (report.EventTypeId, report.Transaction, report.IsReverse));
        Assert.Equal([stored], report.Committed);
        AssociationOffer offer = Assert.Single(scu.Offers);
        Assert.Equal((CommitmentHost.Title, scu.Title), (offer.CallingAeTitle, offer.CalledAeTitle));
        Assert.Equal([new RoleSelection(CommitmentScu.SopClass, IsScu: false, IsScp: true)], offer.UserInformation.RoleSelections);
    }

    [Fact]
    public async Task Another_association_of_the_same_title_gets_no_report()
    {
        await using CommitmentScu scu = new();
        await scu.ListenAsync();
        await using CommitmentHost host = await CommitmentHost.StartAsync(null, scu);
        await using CommitmentScu twin = new();
        await using Association open = await twin.AssociateAsync(host.Port);
        Assert.Equal(DimseStatus.Success, await CommitmentScu.AskAsync(open, CommitmentData.NewUid(), await host.StoreAsync()));
        await twin.NextReportAsync();

        await scu.AskAndLeaveAsync(host.Port, CommitmentData.NewUid(), await host.StoreAsync());

        Assert.True((await scu.NextReportAsync()).IsReverse);
        Assert.False(twin.HasReport);
    }

    [Fact]
    public async Task Every_instance_that_is_not_safe_fails_with_its_reason()
    {
        await using CommitmentHost host = await CommitmentHost.StartAsync();
        await using CommitmentScu scu = new();
        (string Class, string Instance) safe = await host.StoreAsync();
        (string Class, string Instance) damaged = await host.StoreAsync();
        (string Class, string Instance) lost = await host.StoreAsync();
        (string Class, string Instance) flagged = await host.StoreAsync();
        (string Class, string Instance) stored = await host.StoreAsync();
        string missing = CommitmentData.NewUid();
        await host.DamageAsync(damaged.Instance);
        await host.LoseAsync(lost.Instance);
        await host.FlagAsync(flagged.Instance);
        await using Association association = await scu.AssociateAsync(host.Port);

        await CommitmentScu.AskAsync(
            association, CommitmentData.NewUid(), damaged, (CommitmentData.CtImage, missing), safe,
            (CommitmentData.MrImage, stored.Instance), lost, flagged);
        CommitmentReport report = await scu.NextReportAsync();

        Assert.Equal(2, report.EventTypeId);
        Assert.Equal([safe], report.Committed);
        Assert.Equal(
            [
                (CommitmentData.CtImage, damaged.Instance, "272"),
                (CommitmentData.CtImage, missing, "274"),
                (CommitmentData.MrImage, stored.Instance, "281"),
                (CommitmentData.CtImage, lost.Instance, "272"),
                (CommitmentData.CtImage, flagged.Instance, "272"),
            ],
            report.Failed);
        Assert.Equal(
            new[] { damaged.Instance, flagged.Instance, lost.Instance }.Order(),
            (await host.FlaggedAsync(safe.Instance, damaged.Instance, stored.Instance, lost.Instance, flagged.Instance)).Order());
        await host.LoggedAsync(2310, times: 3);
    }

    [Fact]
    public async Task Thousands_of_instances_are_told_in_one_report()
    {
        await using CommitmentHost host = await CommitmentHost.StartAsync();
        await using CommitmentScu scu = new();
        (string, string)[] references = [.. Enumerable.Range(0, 10_000).Select(_ => (CommitmentData.CtImage, CommitmentData.NewUid()))];
        await using Association association = await scu.AssociateAsync(host.Port);

        Assert.Equal(DimseStatus.Success, await CommitmentScu.AskAsync(association, CommitmentData.NewUid(), references));

        Assert.Equal(references, (await scu.NextReportAsync()).Failed.Select(failed => (failed.Class, failed.Instance)));
    }

    [Fact]
    public async Task An_instance_that_arrives_within_the_grace_is_committed()
    {
        await using CommitmentHost host = await CommitmentHost.StartAsync(CommitmentHost.Quick with { Grace = TimeSpan.FromMinutes(10) });
        await using CommitmentScu scu = new();
        string late = CommitmentData.NewUid();
        await using Association association = await scu.AssociateAsync(host.Port);

        Assert.Equal(
            DimseStatus.Success, await CommitmentScu.AskAsync(association, CommitmentData.NewUid(), (CommitmentData.CtImage, late)));
        (string, string) stored = await host.StoreAsync(late);
        CommitmentReport report = await scu.NextReportAsync();

        Assert.Equal(1, report.EventTypeId);
        Assert.Equal([stored], report.Committed);
    }

    public static TheoryData<int, string, int, string?, int> Refusals => new()
    {
        { 0x0112, "1.2.3", 1, "1.2.3.4", 1 },
        { 0x0123, CommitmentScu.SopInstance, 2, "1.2.3.4", 1 },
        { 0x0115, CommitmentScu.SopInstance, 1, null, 1 },
        { 0x0115, CommitmentScu.SopInstance, 1, "1.2.3.4", 0 },
        { 0x0213, CommitmentScu.SopInstance, 1, "1.2.3.4", 4 },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_request_that_is_wrong_or_too_large_is_refused_and_not_kept(
        int status, string instance, int action, string? transaction, int references)
    {
        await using CommitmentHost host = await CommitmentHost.StartAsync(CommitmentHost.Quick with { MaxReferences = 3 });
        await using CommitmentScu scu = new();
        await using Association association = await scu.AssociateAsync(host.Port);
        byte[] information = CommitmentData.Action(
            Syntax.ExplicitLittle,
            transaction,
            [.. Enumerable.Range(0, references).Select(_ => ((string?)CommitmentData.CtImage, (string?)CommitmentData.NewUid()))]);

        DimseStatus answer = await CommitmentScu.ActAsync(
            association,
            new NActionRequest { SopClassUid = CommitmentScu.SopClass, SopInstanceUid = instance, ActionTypeId = (ushort)action },
            information);

        Assert.Equal(new DimseStatus((ushort)status), answer);
        Assert.Null(await host.Queue.NextDueAsync(CancellationToken.None));
        Assert.Equal(DimseStatus.Success, await CommitmentScu.AskAsync(association, CommitmentData.NewUid(), await host.StoreAsync()));
        Assert.Equal(1, (await scu.NextReportAsync()).EventTypeId);
    }

    [Fact]
    public async Task Too_many_requests_that_wait_are_a_resource_limitation()
    {
        await using CommitmentHost host =
            await CommitmentHost.StartAsync(CommitmentHost.Quick with { MaxWaiting = 2, ReportDelay = TimeSpan.FromHours(1) });
        await using CommitmentScu scu = new();
        await using Association association = await scu.AssociateAsync(host.Port);
        (string, string) stored = await host.StoreAsync();

        Assert.Equal(DimseStatus.Success, await CommitmentScu.AskAsync(association, CommitmentData.NewUid(), stored));
        Assert.Equal(DimseStatus.Success, await CommitmentScu.AskAsync(association, CommitmentData.NewUid(), stored));
        Assert.Equal(DimseStatus.ResourceLimitation, await CommitmentScu.AskAsync(association, CommitmentData.NewUid(), stored));
    }
}
