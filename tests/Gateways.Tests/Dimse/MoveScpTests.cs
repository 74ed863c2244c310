using System.Net;
using System.Net.Sockets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Gateways.Dimse.Retrieve;
using ImagingIngestion.Gateways.Tests.Wado;

namespace ImagingIngestion.Gateways.Tests.Dimse;

public sealed class MoveScpTests
{
    private static readonly (DicomTag, string) StudyLevel = (DicomTag.QueryRetrieveLevel, "STUDY");
    private static readonly (DicomTag, string) Study = (DicomTag.StudyInstanceUID, "1.2.3");

    [Fact]
    public async Task A_study_goes_to_the_destination_and_says_who_asked_for_it()
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start();
        await StoreAsync(host, 3);

        List<RetrieveReport> reports = await host.MoveAsync(RetrieveScpHost.Destination, StudyLevel, Study);

        Assert.Equal(
            [new SubOperations(2, 1, 0, 0), new SubOperations(1, 2, 0, 0), new SubOperations(null, 3, 0, 0)],
            reports.Select(report => report.SubOperations!));
        Assert.Equal(DimseStatus.Success, reports[^1].Status);
        Assert.All(host.Receiver.Received, received => Assert.Equal(
            ("WORKSTATION", (ushort)1), (received.Request.MoveOriginatorAeTitle, received.Request.MoveOriginatorMessageId)));
        Assert.Equal(("DICOM-INGEST", RetrieveScpHost.Destination), (host.Receiver.Received.First().Association.CallingAeTitle.Value,
            host.Receiver.Received.First().Association.CalledAeTitle.Value));
    }

    [Fact]
    public async Task A_destination_that_is_not_configured_is_answered_A801()
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start();
        await StoreAsync(host, 1);

        Assert.Equal(DimseStatus.MoveDestinationUnknown, Assert.Single(await host.MoveAsync("NOBODY", StudyLevel, Study)).Status);
    }

    [Fact]
    public async Task Nothing_that_matches_is_a_success_without_an_association()
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start(destinationPort: FreePort());

        RetrieveReport report = Assert.Single(await host.MoveAsync(RetrieveScpHost.Destination, StudyLevel, Study));

        Assert.Equal((DimseStatus.Success, new SubOperations(null, 0, 0, 0)), (report.Status, report.SubOperations!));
    }

    [Fact]
    public async Task A_destination_that_is_down_fails_all_with_A702()
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start(destinationPort: FreePort());
        await StoreAsync(host, 2);

        RetrieveReport report = Assert.Single(await host.MoveAsync(RetrieveScpHost.Destination, StudyLevel, Study));

        Assert.Equal(
            (DimseStatus.OutOfResourcesForSubOperations, new SubOperations(null, 0, 2, 0)), (report.Status, report.SubOperations!));
        Assert.False(report.DataSet.IsEmpty);
    }

    [Theory]
    [InlineData(3, 3, 4, 1)]
    [InlineData(3, 100, 2, 5)]
    public async Task An_association_that_is_lost_is_replaced_until_three_in_a_row_take_nothing(
        int firstLost, int lastLost, int completed, int failed)
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start();
        await StoreAsync(host, completed + failed);
        host.Receiver.Answer = async (operation, number) =>
        {
            await (number >= firstLost && number <= lastLost
                ? operation.Association.AbortAsync(CancellationToken.None)
                : Task.CompletedTask);
            return 0;
        };

        RetrieveReport last = (await host.MoveAsync(RetrieveScpHost.Destination, StudyLevel, Study))[^1];

        Assert.Equal(
            (DimseStatus.SubOperationsWithFailures, new SubOperations(null, (ushort)completed, (ushort)failed, 0)),
            (last.Status, last.SubOperations!));
        Assert.InRange(host.Receiver.Received.Count, 5, 6);
    }

    [Fact]
    public async Task As_many_associations_as_are_allowed_send_at_once()
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start(moveAssociations: 3);
        await StoreAsync(host, 6);
        TaskCompletionSource together = new(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Receiver.Answer = async (_, number) =>
        {
            // No association gets an answer before three are open.
            if (number == 3)
            {
                together.SetResult();
            }

            await together.Task;
            return 0;
        };

        RetrieveReport last = (await host.MoveAsync(RetrieveScpHost.Destination, StudyLevel, Study))[^1];

        Assert.Equal((DimseStatus.Success, new SubOperations(null, 6, 0, 0)), (last.Status, last.SubOperations!));
        Assert.Equal(3, host.Receiver.Received.Select(received => received.Association).Distinct().Count());
    }

    [Fact]
    public void Contexts_are_proposed_for_what_is_stored_and_for_what_it_can_become()
    {
        MoveGroup group = Assert.Single(MoveGroup.Of(
            [Item("1.1", "1.2.840.10008.1.2.2"), Item("1.1", "1.2.840.10008.1.2.4.80"), Item("1.2", "1.2.840.10008.1.2.4.90")]));

        Assert.Equal(
            [
                ("1.1", "1.2.840.10008.1.2.2"),
                ("1.1", "1.2.840.10008.1.2.4.80"),
                ("1.1", "1.2.840.10008.1.2.1"),
                ("1.1", "1.2.840.10008.1.2"),
                ("1.2", "1.2.840.10008.1.2.4.90")
            ],
            group.Contexts.Select(context => (context.AbstractSyntax, context.TransferSyntaxes.Single())));
        Assert.Equal([1, 3, 5, 7, 9], group.Contexts.Select(context => (int)context.Id));
    }

    [Fact]
    public void More_contexts_than_an_association_can_have_are_parted_into_several()
    {
        RetrieveItem[] items = [.. Enumerable.Range(1, 100).SelectMany(
            number => new[] { Item($"1.{number}", "1.2.840.10008.1.2.1"), Item($"1.{number}", "1.2.840.10008.1.2.5") })];

        IReadOnlyList<MoveGroup> groups = MoveGroup.Of(items);

        Assert.Equal(3, groups.Count);
        Assert.All(groups, group => Assert.InRange(group.Contexts.Count, 1, 128));
        Assert.Equal(items, groups.SelectMany(group => group.Items));
        Assert.All(groups, group => Assert.All(group.Items, item => Assert.Contains(
            group.Contexts,
            context => context.AbstractSyntax == item.SopClassUid && context.TransferSyntaxes[0] == item.TransferSyntaxUid)));
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2", "1.2.840.10008.1.2.1 1.2.840.10008.1.2", "1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.2", "1.2.840.10008.1.2 1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2 1.2.840.10008.1.2.2", "1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", null)]
    [InlineData("1.2.840.10008.1.2.5", "1.2.840.10008.1.2.1 1.2.840.10008.1.2.4.80", null)]
    public void The_context_is_that_of_the_stored_syntax_or_of_the_best_that_needs_no_codec(string stored, string accepted, string? chosen)
    {
        NegotiatedContext[] contexts =
        [
            new(1, "1.1", stored, IsScu: false, IsScp: true),
            new(3, "1.2", stored, IsScu: true, IsScp: false),
            .. accepted.Split(' ').Select(
                (syntax, index) => new NegotiatedContext((byte)((2 * index) + 5), "1.1", syntax, IsScu: true, IsScp: false)),
        ];

        Assert.Equal(chosen, StorageContexts.Choose(contexts, "1.1", stored)?.TransferSyntax);
    }

    private static RetrieveItem Item(string sopClass, string syntax)
        => new(
            new StudyInstanceUid("1.2.3"),
            new Manifest.Identity.InstanceId(new SeriesInstanceUid("1.2.3.1"), new SopInstanceUid("1.2.3.1.1")),
            sopClass,
            syntax);

    private static async Task StoreAsync(RetrieveScpHost host, int count)
    {
        for (int number = 1; number <= count; number++)
        {
            await host.Studies.StoreAsync(new RetrieveInstance { Sop = $"1.2.3.1.{number}", Number = $"{number}" });
        }
    }

    /// <summary>A port without a listener.</summary>
    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
