using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Gateways.Dimse.Retrieve;
using ImagingIngestion.Gateways.Tests.Wado;

namespace ImagingIngestion.Gateways.Tests.Dimse;

public sealed class RetrieveScpTests
{
    private static readonly (DicomTag, string) StudyLevel = (DicomTag.QueryRetrieveLevel, "STUDY");
    private static readonly (DicomTag, string) Study = (DicomTag.StudyInstanceUID, "1.2.3");
    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_study_comes_as_it_is_stored_and_the_counters_run_with_each_instance()
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start();
        RetrieveInstance[] instances = await StoreAsync(host, 3);

        List<RetrieveReport> reports = await host.GetAsync(StudyLevel, Study);

        Assert.Equal(
            [
                (DimseStatus.Pending, new SubOperations(2, 1, 0, 0)),
                (DimseStatus.Pending, new SubOperations(1, 2, 0, 0)),
                (DimseStatus.Success, new SubOperations(null, 3, 0, 0))
            ],
            reports.Select(report => (report.Status, report.SubOperations!)));
        Assert.Equal(instances.Select(instance => instance.Encode()), host.Receiver.Received.Select(received => received.DataSet));
        Assert.All(host.Receiver.Received, received => Assert.Null(received.Request.MoveOriginatorAeTitle));
    }

    [Theory]
    [InlineData(true, "PATIENT", "P1", "", "", "", "A1 A2 A3 B1")]
    [InlineData(true, "STUDY", "P1", "1.1", "", "", "A1 A2 A3")]
    [InlineData(true, "STUDY", "P2", "1.1", "", "", "")]
    [InlineData(false, "STUDY", "", @"1.1\1.3", "", "", "A1 A2 A3 C1")]
    [InlineData(false, "STUDY", "", @"1.1\1.1\1.9", "", "", "A1 A2 A3")]
    [InlineData(false, "SERIES", "", "1.1", @"1.1.2\1.1.1", "", "A1 A2 A3")]
    [InlineData(false, "SERIES", "", "1.1", "1.1.1", "", "A1 A2")]
    [InlineData(false, "IMAGE", "", "1.1", "1.1.1", @"1.1.1.2\1.1.2.1", "A2")]
    [InlineData(true, "IMAGE", "P1", "1.1", "1.1.1", @"1.1.1.2\1.1.1.1", "A1 A2")]
    public async Task Each_level_brings_what_its_keys_name(
        bool isPatientRoot, string level, string patient, string study, string series, string instance, string expected)
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start();
        Dictionary<string, RetrieveInstance> stored = new()
        {
            ["A1"] = new() { PatientId = "P1", Study = "1.1", Series = "1.1.1", Sop = "1.1.1.1" },
            ["A2"] = new() { PatientId = "P1", Study = "1.1", Series = "1.1.1", Sop = "1.1.1.2" },
            ["A3"] = new() { PatientId = "P1", Study = "1.1", Series = "1.1.2", Sop = "1.1.2.1" },
            ["B1"] = new() { PatientId = "P1", Study = "1.2", Series = "1.2.1", Sop = "1.2.1.1" },
            ["C1"] = new() { PatientId = "P2", Study = "1.3", Series = "1.3.1", Sop = "1.3.1.1" },
        };
        foreach (RetrieveInstance one in stored.Values)
        {
            await host.Studies.StoreAsync(one);
        }

        (DicomTag, string)[] keys =
        [
            (DicomTag.QueryRetrieveLevel, level),
            (DicomTag.PatientID, patient),
            (DicomTag.StudyInstanceUID, study),
            (DicomTag.SeriesInstanceUID, series),
            (DicomTag.SOPInstanceUID, instance)
        ];
        List<RetrieveReport> reports = await host.GetAsync(
            isPatientRoot ? RetrieveModels.PatientRootGet : RetrieveModels.StudyRootGet, [.. keys.Where(key => key.Item2.Length > 0)]);

        string[] names = expected.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            (DimseStatus.Success, new SubOperations(null, (ushort)names.Length, 0, 0)), (reports[^1].Status, reports[^1].SubOperations!));
        Assert.Equal(
            names.Select(name => stored[name].Sop).Order(),
            host.Receiver.Received.Select(received => received.Request.SopInstanceUid).Order());
    }

    [Fact]
    public async Task What_the_peer_refuses_or_warns_of_is_counted_and_only_what_failed_is_listed()
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start();
        await StoreAsync(host, 4);
        host.Receiver.Answer = (_, number) => Task.FromResult<ushort>(number switch { 1 => 0xA700, 2 => 0xB000, 3 => 0xC000, _ => 0 });

        RetrieveReport last = (await host.GetAsync(StudyLevel, Study))[^1];

        Assert.Equal((DimseStatus.SubOperationsWithFailures, new SubOperations(null, 1, 2, 1)), (last.Status, last.SubOperations!));
        Assert.Equal(["1.2.3.1.1", "1.2.3.1.3"], FailedList(last));
    }

    [Fact]
    public async Task Warnings_alone_end_in_B000_without_a_list()
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start();
        await StoreAsync(host, 2);
        host.Receiver.Answer = (_, _) => Task.FromResult<ushort>(0xB007);

        RetrieveReport last = (await host.GetAsync(StudyLevel, Study))[^1];

        Assert.Equal((DimseStatus.SubOperationsWithFailures, new SubOperations(null, 0, 0, 2)), (last.Status, last.SubOperations!));
        Assert.True(last.DataSet.IsEmpty);
    }

    [Fact]
    public async Task When_none_can_be_performed_the_answer_is_A702()
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start();
        await StoreAsync(host, 2);
        host.Receiver.Answer = (_, _) => Task.FromResult<ushort>(0x0110);

        RetrieveReport last = (await host.GetAsync(StudyLevel, Study))[^1];

        Assert.Equal((DimseStatus.OutOfResourcesForSubOperations, new SubOperations(null, 0, 2, 0)), (last.Status, last.SubOperations!));
        Assert.Equal(2, FailedList(last).Length);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(200)]
    public async Task An_object_that_is_gone_or_cut_fails_alone_and_is_flagged(int? length)
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start();
        await StoreAsync(host, 3);
        byte[] bytes = await File.ReadAllBytesAsync(host.ObjectOf(2));
        File.Delete(host.ObjectOf(2));
        if (length is { } left)
        {
            await File.WriteAllBytesAsync(host.ObjectOf(2), bytes[..left]);
        }

        RetrieveReport last = (await host.GetAsync(StudyLevel, Study))[^1];

        Assert.Equal((DimseStatus.SubOperationsWithFailures, new SubOperations(null, 2, 1, 0)), (last.Status, last.SubOperations!));
        Assert.Equal(["1.2.3.1.2"], FailedList(last));
        Assert.Equal(["1.2.3.1.2"], await host.FlaggedAsync());
    }

    [Fact]
    public async Task A_small_object_with_a_flipped_bit_fails_alone_and_is_never_sent()
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start();
        await StoreAsync(host, 3);
        await FlipAsync(host.ObjectOf(2));

        RetrieveReport last = (await host.GetAsync(StudyLevel, Study))[^1];

        Assert.Equal((DimseStatus.SubOperationsWithFailures, new SubOperations(null, 2, 1, 0)), (last.Status, last.SubOperations!));
        Assert.Equal(["1.2.3.1.2"], FailedList(last));
        Assert.Equal(["1.2.3.1.1", "1.2.3.1.3"], host.Receiver.Received.Select(received => received.Request.SopInstanceUid));
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2")]
    public async Task A_large_object_with_a_flipped_bit_ends_the_association_once_and_fails_alone_afterwards(string accepted)
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start([accepted]);
        await StoreAsync(host, 3, new byte[2 << 20]);
        await FlipAsync(host.ObjectOf(2));

        await Assert.ThrowsAsync<AssociationException>(() => host.GetAsync(StudyLevel, Study));
        Assert.Equal(["1.2.3.1.1"], host.Receiver.Received.Select(received => received.Request.SopInstanceUid));

        RetrieveReport last = (await host.GetAsync(StudyLevel, Study))[^1];
        Assert.Equal((DimseStatus.SubOperationsWithFailures, new SubOperations(null, 2, 1, 0)), (last.Status, last.SubOperations!));
        Assert.Equal(["1.2.3.1.2"], FailedList(last));
        Assert.DoesNotContain("1.2.3.1.2", host.Receiver.Received.Select(received => received.Request.SopInstanceUid));
    }

    [Fact]
    public async Task A_large_object_with_a_flipped_bit_costs_a_move_that_one_instance()
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start();
        await StoreAsync(host, 3, new byte[2 << 20]);
        await FlipAsync(host.ObjectOf(2));

        RetrieveReport last = (await host.MoveAsync(RetrieveScpHost.Destination, StudyLevel, Study))[^1];

        Assert.Equal((DimseStatus.SubOperationsWithFailures, new SubOperations(null, 2, 1, 0)), (last.Status, last.SubOperations!));
        Assert.Equal(["1.2.3.1.1", "1.2.3.1.3"], host.Receiver.Received.Select(received => received.Request.SopInstanceUid));
    }

    [Fact]
    public async Task A_cancel_stops_after_the_sub_operation_that_runs_and_tells_what_remains()
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start();
        await StoreAsync(host, 5);
        await using Association association = await host.ConnectAsync(RetrieveModels.StudyRootGet);
        TaskCompletionSource<OutgoingOperation> begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Receiver.Answer = async (_, number) =>
        {
            // It arrives before the answer on the same connection, and so before the next sub-operation begins.
            await (number == 2 ? (await begun.Task).CancelAsync(CancellationToken.None) : default);
            return 0;
        };

        OutgoingOperation operation = await association.InvokeAsync(
            association.ScuContext(RetrieveModels.StudyRootGet), new CGetRequest { SopClassUid = RetrieveModels.StudyRootGet },
            (stream, token) => stream.WriteAsync(RetrieveScpHost.Identifier(StudyLevel, Study), token).AsTask(), CancellationToken.None);
        begun.SetResult(operation);
        DimseReply reply;
        do
        {
            reply = await operation.ReadAsync(CancellationToken.None).AsTask().WaitAsync(TestTimeout);
        }
        while (reply.Response.Status.IsPending);

        Assert.Equal(
            (DimseStatus.Cancel, new SubOperations(3, 2, 0, 0)), (reply.Response.Status, ((CGetResponse)reply.Response).SubOperations!));
        Assert.Equal(2, host.Receiver.Received.Count);
    }

    [Theory]
    [InlineData("", "1.2.3", "", "")]
    [InlineData("FRAME", "1.2.3", "", "")]
    [InlineData("PATIENT", "1.2.3", "", "")]
    [InlineData("STUDY", "", "", "")]
    [InlineData("STUDY", "*", "", "")]
    [InlineData("SERIES", "1.2.3", "", "")]
    [InlineData("SERIES", "", "1.2.3.1", "")]
    [InlineData("SERIES", @"1.2.3\1.2.4", "1.2.3.1", "")]
    [InlineData("IMAGE", "1.2.3", "", "1.2.3.1.1")]
    [InlineData("IMAGE", "1.2.3", "1.2.3.1", "")]
    [InlineData("IMAGE", "1.2.3", "1.2.3.1", "1..3")]
    public async Task An_identifier_without_its_unique_keys_is_answered_A900(string level, string study, string series, string instance)
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start();
        await StoreAsync(host, 1);
        (DicomTag, string)[] keys =
        [
            (DicomTag.QueryRetrieveLevel, level),
            (DicomTag.StudyInstanceUID, study),
            (DicomTag.SeriesInstanceUID, series),
            (DicomTag.SOPInstanceUID, instance)
        ];

        RetrieveReport report = Assert.Single(await host.GetAsync([.. keys.Where(key => key.Item2.Length > 0)]));

        Assert.Equal(DimseStatus.DataSetDoesNotMatchSopClass, report.Status);
        Assert.Empty(host.Receiver.Received);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2", "1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2.2", "1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2")]
    public async Task A_native_instance_is_re_encoded_for_who_does_not_take_it_as_stored(string stored, string accepted)
    {
        await using RetrieveScpHost host = RetrieveScpHost.Start([accepted]);
        RetrieveInstance instance = Image(TransferSyntax.FromUid(stored));
        await host.Studies.StoreAsync(instance);

        RetrieveReport last = (await host.GetAsync(StudyLevel, Study))[^1];

        Assert.Equal(DimseStatus.Success, last.Status);
        Assert.Equal(
            (instance with { Syntax = TransferSyntax.FromUid(accepted), More = Image(TransferSyntax.FromUid(accepted)).More }).Encode(),
            Assert.Single(host.Receiver.Received).DataSet);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_deflated_instance_goes_out_as_stored_padded_to_even_length(int parity)
    {
        TransferSyntax deflated = TransferSyntax.DeflatedExplicitVRLittleEndian;
        RetrieveInstance instance = Enumerable
            .Range(0, 1000)
            .Select(number => Image(deflated) with { PatientName = $"Doe^{number}" })
            .First(one => one.Encode().Length % 2 == parity);
        await using RetrieveScpHost host = RetrieveScpHost.Start([deflated.Uid]);
        await host.Studies.StoreAsync(instance);

        RetrieveReport last = (await host.GetAsync(StudyLevel, Study))[^1];

        Assert.Equal(DimseStatus.Success, last.Status);
        Assert.Equal([.. instance.Encode(), .. new byte[parity]], Assert.Single(host.Receiver.Received).DataSet);
    }

    [Fact]
    public async Task A_compressed_instance_goes_out_as_stored_or_not_at_all()
    {
        TransferSyntax compressed = TransferSyntax.FromUid("1.2.840.10008.1.2.4.80");
        RetrieveInstance instance =
            new() { Syntax = compressed, Sop = "1.2.3.1.9", Number = "9", More = encoder => encoder.Fragments([1, 2, 3, 4]) };
        await using RetrieveScpHost host = RetrieveScpHost.Start();
        await using RetrieveScpHost other = RetrieveScpHost.Start([TransferSyntax.ExplicitVRLittleEndian.Uid, compressed.Uid]);
        await StoreAsync(host, 1);
        await host.Studies.StoreAsync(instance);
        await other.Studies.StoreAsync(instance);

        RetrieveReport failed = (await host.GetAsync(StudyLevel, Study))[^1];
        RetrieveReport taken = (await other.GetAsync(StudyLevel, Study))[^1];

        Assert.Equal((DimseStatus.SubOperationsWithFailures, new SubOperations(null, 1, 1, 0)), (failed.Status, failed.SubOperations!));
        Assert.Equal([instance.Sop], FailedList(failed));
        Assert.Equal(DimseStatus.Success, taken.Status);
        Assert.Equal(
            (compressed.Uid, instance.Encode().Length),
            (Assert.Single(other.Receiver.Received).Syntax, other.Receiver.Received.Single().DataSet.Length));
    }

    private static async Task FlipAsync(string file)
    {
        byte[] bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
    }

    private static async Task<RetrieveInstance[]> StoreAsync(RetrieveScpHost host, int count, byte[]? pixels = null)
    {
        Action<DataSetEncoder> more = encoder => _ = pixels is null ? encoder : encoder.Bytes(DicomTag.PixelData, DicomVR.OW, pixels);
        RetrieveInstance[] instances = [.. Enumerable.Range(1, count).Select(
            number => new RetrieveInstance { Sop = $"1.2.3.1.{number}", Number = $"{number}", More = more })];
        foreach (RetrieveInstance instance in instances)
        {
            await host.Studies.StoreAsync(instance);
        }

        return instances;
    }

    /// <summary>Has pixel data that is copied by range and is longer than one read.</summary>
    private static RetrieveInstance Image(TransferSyntax syntax) => new()
    {
        Syntax = syntax,
        More = encoder =>
        {
            encoder.Word(DicomTag.Rows, 1000).Word(DicomTag.Columns, 1000);
            byte[] pixels = new byte[2_000_000];
            for (int index = 0; index < pixels.Length; index += 2)
            {
                (pixels[index], pixels[index + 1]) = syntax.IsBigEndian
                    ? ((byte)(index >> 9), (byte)(index >> 1))
                    : ((byte)(index >> 1), (byte)(index >> 9));
            }

            encoder.Bytes(DicomTag.PixelData, DicomVR.OW, pixels);
        },
    };

    private static string[] FailedList(RetrieveReport report)
        => Encoding.ASCII.GetString(report.DataSet.Span[8..]).TrimEnd('\0').Split('\\');
}
