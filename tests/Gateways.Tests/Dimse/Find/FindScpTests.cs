using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Gateways.Tests.Wado;
using ImagingIngestion.TestData;

namespace ImagingIngestion.Gateways.Tests.Dimse.Find;

/// <summary>C-FIND over real associations: levels, models, return keys and statuses (PS3.4 section C.4.1).</summary>
public sealed class FindScpTests : IAsyncLifetime
{
    private FindHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await FindHost.StartAsync();
        await _host.StoreAsync(
            new RetrieveInstance
            {
                Study = "1.2.1",
                Series = "1.2.1.1",
                Sop = "1.2.1.1.1",
                PatientId = "P1",
                PatientName = "Doe^Jane",
                StudyDate = "20200101"
            },
            new RetrieveInstance
            {
                Study = "1.2.1",
                Series = "1.2.1.1",
                Sop = "1.2.1.1.2",
                PatientId = "P1",
                PatientName = "Doe^Jane",
                StudyDate = "20200101",
                Number = "2"
            },
            new RetrieveInstance
            {
                Study = "1.2.1",
                Series = "1.2.1.2",
                Sop = "1.2.1.2.1",
                PatientId = "P1",
                PatientName = "Doe^Jane",
                StudyDate = "20200101",
                Modality = "SR"
            },
            new RetrieveInstance
            {
                Study = "1.2.2",
                Series = "1.2.2.1",
                Sop = "1.2.2.1.1",
                PatientId = "P1",
                PatientName = "Doe^Jane",
                StudyDate = "20210101",
                Modality = "MR"
            },
            new RetrieveInstance
            {
                Study = "1.2.3",
                Series = "1.2.3.1",
                Sop = "1.2.3.1.1",
                PatientId = "P2",
                PatientName = "Roe^Richard",
                StudyDate = "20220101",
                Modality = "MR"
            });
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(Syntax.ExplicitLittle)]
    [InlineData(Syntax.ImplicitLittle)]
    public async Task A_study_is_answered_with_the_keys_that_were_asked_for_and_no_others(string syntax)
    {
        await using FindScu scu = await _host.AssociateAsync(syntax: syntax);

        FindReplies replies = await scu.FindAsync(
            "STUDY",
            (DicomTag.PatientName, "DOE*"),
            (DicomTag.StudyDate, "-20201231"),
            (DicomTag.ModalitiesInStudy, ""),
            (DicomTag.NumberOfStudyRelatedInstances, ""),
            (DicomTag.InstanceAvailability, ""));

        (DimseStatus status, DicomDataset match) = Assert.Single(replies.Matches);
        Assert.Equal((DimseStatus.Pending, DimseStatus.Success), (status, replies.Final.Status));
        Assert.Equal(
            [
                DicomTag.StudyDate,
                DicomTag.QueryRetrieveLevel,
                DicomTag.RetrieveAETitle,
                DicomTag.InstanceAvailability,
                DicomTag.ModalitiesInStudy,
                DicomTag.PatientName,
                DicomTag.StudyInstanceUID,
                DicomTag.NumberOfStudyRelatedInstances
            ],
            match.Elements.Select(element => element.Tag));
        Assert.Equal("STUDY", match.GetString(DicomTag.QueryRetrieveLevel));
        Assert.Equal("INGEST", match.GetString(DicomTag.RetrieveAETitle));
        Assert.Equal("ONLINE", match.GetString(DicomTag.InstanceAvailability));
        Assert.Equal("1.2.1", match.GetString(DicomTag.StudyInstanceUID));
        Assert.Equal(["CT", "SR"], match.GetStrings(DicomTag.ModalitiesInStudy).Order());
        Assert.Equal("3", match.GetString(DicomTag.NumberOfStudyRelatedInstances));
    }

    [Fact]
    public async Task Every_level_of_the_patient_root_goes_down_by_the_unique_keys_above()
    {
        await using FindScu scu = await _host.AssociateAsync(FindScu.PatientRoot);

        FindReplies patients = await scu.FindAsync(
            "PATIENT",
            (DicomTag.PatientName, ""),
            (DicomTag.PatientID, ""),
            (DicomTag.NumberOfPatientRelatedStudies, ""),
            (DicomTag.NumberOfPatientRelatedInstances, ""));
        FindReplies studies = await scu.FindAsync("STUDY", (DicomTag.PatientID, "P1"), (DicomTag.StudyInstanceUID, ""));
        FindReplies series = await scu.FindAsync(
            "SERIES",
            (DicomTag.PatientID, "P1"),
            (DicomTag.StudyInstanceUID, "1.2.1"),
            (DicomTag.Modality, ""),
            (DicomTag.NumberOfSeriesRelatedInstances, ""));
        FindReplies images = await scu.FindAsync(
            "IMAGE",
            (DicomTag.PatientID, "P1"),
            (DicomTag.StudyInstanceUID, "1.2.1"),
            (DicomTag.SeriesInstanceUID, "1.2.1.1"),
            (DicomTag.InstanceNumber, ""),
            (DicomTag.SOPClassUID, ""));

        Assert.Equal(["P2", "P1"], patients.Values(DicomTag.PatientID));
        Assert.Equal(["1", "2"], patients.Values(DicomTag.NumberOfPatientRelatedStudies));
        Assert.Equal(["1", "4"], patients.Values(DicomTag.NumberOfPatientRelatedInstances));
        Assert.Equal(["Roe^Richard", "Doe^Jane"], patients.Values(DicomTag.PatientName));
        Assert.Equal(["1.2.2", "1.2.1"], studies.Values(DicomTag.StudyInstanceUID));
        Assert.Equal(["1.2.1.1", "1.2.1.2"], series.Values(DicomTag.SeriesInstanceUID));
        Assert.Equal(["2", "1"], series.Values(DicomTag.NumberOfSeriesRelatedInstances));
        Assert.Equal(["1.2.1.1.1", "1.2.1.1.2"], images.Values(DicomTag.SOPInstanceUID));
        Assert.All(images.Matches, match => Assert.Equal(("P1", "1.2.1", "1.2.1.1"), (match.Identifier.GetString(DicomTag.PatientID),
            match.Identifier.GetString(DicomTag.StudyInstanceUID), match.Identifier.GetString(DicomTag.SeriesInstanceUID))));
        Assert.All([patients, studies, series, images], replies => Assert.Equal(DimseStatus.Success, replies.Final.Status));
    }

    [Fact]
    public async Task A_list_of_UIDs_finds_each_of_them_and_a_modality_the_studies_that_have_it()
    {
        await using FindScu scu = await _host.AssociateAsync();

        FindReplies listed = await scu.FindAsync("STUDY", (DicomTag.StudyInstanceUID, @"1.2.3\1.2.1\1.2.9"));
        FindReplies modality = await scu.FindAsync("STUDY", (DicomTag.ModalitiesInStudy, "SR"));

        Assert.Equal(["1.2.3", "1.2.1"], listed.Values(DicomTag.StudyInstanceUID));
        Assert.Equal(["1.2.1"], modality.Values(DicomTag.StudyInstanceUID));
    }

    [Fact]
    public async Task Attributes_that_only_the_instance_has_are_returned_at_image_level()
    {
        await _host.StoreAsync(new RetrieveInstance
        {
            Study = "1.2.4",
            Series = "1.2.4.1",
            Sop = "1.2.4.1.1",
            PatientId = "P4",
            More = data => data.Text(DicomTag.RescaleType, DicomVR.LO, "HU")
        });
        await using FindScu scu = await _host.AssociateAsync();

        FindReplies replies = await scu.FindAsync(
            "IMAGE", (DicomTag.StudyInstanceUID, "1.2.4"), (DicomTag.SeriesInstanceUID, "1.2.4.1"), (DicomTag.RescaleType, ""));

        Assert.Equal(["HU"], replies.Values(DicomTag.RescaleType));
        Assert.Equal(DimseStatus.Pending, replies.Matches[0].Status);
    }

    [Fact]
    public async Task A_key_that_is_not_supported_is_returned_empty_and_warned_of()
    {
        await using FindScu scu = await _host.AssociateAsync();

        FindReplies unknown = await scu.FindAsync("STUDY", (DicomTag.StudyInstanceUID, "1.2.1"), (DicomTag.BodyPartExamined, ""));
        FindReplies unmatched = await scu.FindAsync("STUDY", (DicomTag.StudyInstanceUID, "1.2.1"), (DicomTag.PatientAge, "040Y"));

        Assert.All(
            [unknown, unmatched], replies => Assert.Equal(DimseStatus.PendingWithoutSomeKeys, Assert.Single(replies.Matches).Status));
        Assert.True(unknown.Matches[0].Identifier.TryGet(DicomTag.BodyPartExamined, out DicomElement? empty) && empty.IsEmpty);
    }

    [Theory]
    [InlineData(FindScu.StudyRoot, "SERIES", "", null)]
    [InlineData(FindScu.StudyRoot, "SERIES", "1.2.*", null)]
    [InlineData(FindScu.StudyRoot, "SERIES", @"1.2.1\1.2.2", null)]
    [InlineData(FindScu.StudyRoot, "IMAGE", "1.2.1", null)]
    [InlineData(FindScu.StudyRoot, "PATIENT", "1.2.1", null)]
    [InlineData(FindScu.StudyRoot, "FRAME", "1.2.1", null)]
    [InlineData(FindScu.StudyRoot, null, "1.2.1", null)]
    [InlineData(FindScu.PatientRoot, "STUDY", "1.2.1", "")]
    [InlineData(FindScu.PatientRoot, "STUDY", "1.2.1", "P*")]
    [InlineData(FindScu.StudyRoot, "STUDY", "not-a-uid", null)]
    public async Task An_identifier_that_does_not_fit_the_model_is_refused_with_the_reason(
        string model, string? level, string study, string? patient)
    {
        await using FindScu scu = await _host.AssociateAsync(model);
        (DicomTag, string)[] keys = [(DicomTag.StudyInstanceUID, study), (DicomTag.SeriesInstanceUID, "")];

        FindReplies replies = await scu.FindAsync(level, patient is null ? keys : [(DicomTag.PatientID, patient), .. keys]);

        Assert.Empty(replies.Matches);
        Assert.Equal(DimseStatus.DataSetDoesNotMatchSopClass, replies.Final.Status);
        Assert.StartsWith("(00", replies.Final.ErrorComment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_data_set_cannot_be_understood_and_the_association_goes_on()
    {
        await using FindScu scu = await _host.AssociateAsync();

        FindReplies garbage = await scu.FindAsync([0x08, 0x00, 0x52, 0x00, (byte)'C', (byte)'S', 0xFF, 0x7F, 1, 2]);
        FindReplies nothing = await scu.FindAsync((byte[]?)null);
        FindReplies good = await scu.FindAsync("STUDY", (DicomTag.StudyInstanceUID, ""));

        Assert.Equal((DimseStatus.CannotUnderstand, DimseStatus.DataSetDoesNotMatchSopClass), (garbage.Final.Status, nothing.Final.Status));
        Assert.Equal(3, good.Matches.Count);
    }

    [Fact]
    public async Task Relational_queries_need_no_keys_of_the_levels_above_where_they_were_agreed_on()
    {
        await using FindScu scu = await _host.AssociateAsync(negotiation: [1, 0, 1]);

        FindReplies replies = await scu.FindAsync("SERIES", (DicomTag.Modality, "MR"), (DicomTag.PatientName, "richard roe"));

        Assert.Equal([1, 0, 1], scu.Granted);
        Assert.Equal(["1.2.3.1"], replies.Values(DicomTag.SeriesInstanceUID));
        Assert.Equal(DimseStatus.Success, replies.Final.Status);
    }

    [Fact]
    public async Task Date_and_time_ranges_are_one_range_only_where_that_was_agreed_on()
    {
        (DicomTag, string)[] keys = [(DicomTag.StudyDate, "20191231-20210101"), (DicomTag.StudyTime, "1200-1300")];
        await using FindScu apart = await _host.AssociateAsync();
        await using FindScu combined = await _host.AssociateAsync(negotiation: [0, 1, 0]);

        // All studies were made at 10:15.
        Assert.Empty((await apart.FindAsync("STUDY", keys)).Matches);
        Assert.Equal(["1.2.2", "1.2.1"], (await combined.FindAsync("STUDY", keys)).Values(DicomTag.StudyInstanceUID));
    }
}
