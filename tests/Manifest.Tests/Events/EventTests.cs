using System.Text;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Manifest.Tests.Study;

namespace ImagingIngestion.Manifest.Tests.Events;

public sealed class EventTests
{
    private readonly StudyGrainFixture _study = new();

    [Fact]
    public void An_instance_is_told_twice_with_what_happened_to_it_and_who_brought_it()
    {
        _study.Store(_study.Arrival(1, "x") with { CallingAeTitle = "CT1" });
        _study.Store(_study.Arrival(1, "y"));

        Assert.Equal(
            [
                (EventType.ImageStored, ChangeKind.Addition, "CT1"), (EventType.DicomAvailable, ChangeKind.Addition, "CT1"),
                (EventType.ImageStored, ChangeKind.Modification, null), (EventType.DicomAvailable, ChangeKind.Modification, null),
            ],
            _study.Manifest.Events.Select(row => (row.Type, row.Change!.Value, row.CallingAeTitle)));
        Assert.All(_study.Manifest.Events, row => Assert.Equal((Samples.Id(1), "CT"), (row.Instance!.Value, row.Modalities.Single())));
    }

    [Fact]
    public void The_events_of_a_batch_keep_the_order_of_its_turns()
    {
        _study.Decide(_study.Arrival(2, "x"));
        _study.Decide(_study.Arrival(1, "x"));
        _study.Decide(_study.Arrival(2, "y"));
        StudyChange change = _study.Commit()!;

        Assert.Equal(
            [(2, ChangeKind.Addition), (1, ChangeKind.Addition), (2, ChangeKind.Modification)],
            change.Events.Where(row => row.Type == EventType.ImageStored).Select(
                row => (row.Instance!.Value == Samples.Id(2) ? 2 : 1, row.Change!.Value)));
    }

    [Fact]
    public void Events_whose_commit_failed_are_told_once_by_the_grain_that_decides_again()
    {
        _study.Decide(_study.Arrival(1, "x"));
        _study.Grain.TakeChange();
        StudyGrain again = new(Samples.Study, null, Manifest.Study.DuplicatePolicy.Replace, StudyGrainFixture.Timing, _study.Time);
        again.Store(_study.Arrival(1, "x"), null);

        Assert.Equal(2, again.TakeChange()!.Events.Count);
        again.Committed();
        again.Store(_study.Arrival(2, "x"), null);
        Assert.Equal(2, again.TakeChange()!.Events.Count);
    }

    [Fact]
    public void An_image_stored_event_is_this_json()
    {
        Assert.Equal(
            """
            {"image":{"transferSyntaxUID":"1.2.840.10008.1.2.1","elements":[
            {"group":"0008","element":"0008","vr":"CS","value":"ORIGINAL\\PRIMARY\\AXIAL"},
            {"group":"0008","element":"0060","vr":"CS","value":"MR"},
            {"group":"0010","element":"0010","vr":"PN","value":"Test^Data"},
            {"group":"0010","element":"0020","vr":"LO"},
            {"group":"0020","element":"000D","vr":"LO","value":"1.2.3"},
            {"group":"0020","element":"0011","vr":"IS","value":"4"},
            {"group":"0020","element":"0013","vr":"IS","value":"17"}]},
            "store":{"provider":"default","bucketName":"images","objectName":"p/1.2.3.1.1/x-a.dcm",
            "wadoInternalEndpoint":"http://inside/wado-rs","wadoExternalEndpoint":"https://outside.example.org/wado-rs"}}
            """.ReplaceLineEndings(""),
            Render(Detailed(1), 0));
    }

    [Fact]
    public void A_dicom_available_event_is_this_json()
        => Assert.Equal(
            """{"provider":"default","endpoint":"http://inside/wado-rs/studies/1.2.3/series/1.2.3.1/instances/1.2.3.1.1"}""",
            Render(Detailed(1), 1));

    [Fact]
    public void A_study_revision_event_is_this_json()
    {
        _study.Store(Detailed(1));
        _study.Store(_study.Arrival(1, "x", series: 2));
        _study.Revise();
        _study.Store(_study.Arrival(1, "y", series: 2));
        _study.Store(_study.Arrival(2, "x", series: 2));
        _study.Delete(new DeleteRequest(Samples.Id(1).Series, null));

        _study.Revise();

        Assert.Equal(
            """
            {"revision":1,"study":{"studyInstanceUID":"1.2.3","attributes":[
            {"group":"0010","element":"0010","vr":"PN","value":"Test^Data"},
            {"group":"0010","element":"0020","vr":"LO","value":"ID1"},
            {"group":"0020","element":"000D","vr":"LO","value":"1.2.3"}],
            "series":[{"seriesInstanceUID":"1.2.3.2","modality":"CT","attributes":[{"group":"0008","element":"0060","vr":"CS","value":"CT"}],
            "instances":[{"sopInstanceUID":"1.2.3.2.1","sopClassUID":"1.2.840.10008.5.1.4.1.1.2","number":7},
            {"sopInstanceUID":"1.2.3.2.2","sopClassUID":"1.2.840.10008.5.1.4.1.1.2","number":7}],
            "endpoint":"https://outside.example.org/wado-rs/studies/1.2.3/series/1.2.3.2","providerName":"default"}]},
            "changeSet":{"additions":["1.2.3.2/1.2.3.2.2"],"deletions":["1.2.3.1/1.2.3.1.1"],"modifications":["1.2.3.2/1.2.3.2.1"]}}
            """.ReplaceLineEndings(""),
            RenderLast());
    }

    [Fact]
    public void Instance_number_stands_at_the_instance_and_series_number_at_the_series()
    {
        _study.Store(Detailed(1));

        EventSeries series = _study.Revise().Study.Series.Single();

        Assert.Equal((4L, 7L), (series.Number, series.Instances.Single().Number));
        Assert.Contains(series.Attributes, element => element is { Group: "0020", Element: "0011", Value: "4" });
        Assert.DoesNotContain(series.Attributes, element => element is { Group: "0020", Element: "0013" });
    }

    [Theory]
    [InlineData("twelve")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    public void A_series_number_that_is_no_number_is_left_out(string text)
    {
        _study.Store(_study.Arrival(1, "x") with { SeriesAttributes = Samples.Dataset((DicomTag.SeriesNumber, text)) });

        Assert.Null(_study.Revise().Study.Series.Single().Number);
    }

    [Fact]
    public void Later_instances_fill_in_what_the_first_left_out_of_the_study()
    {
        _study.Store(_study.Arrival(1, "x"));
        Assert.Null(_study.Revise().Study.StudyDate);

        _study.Store(_study.Arrival(2, "x") with { StudyAttributes = Samples.Dataset((DicomTag.StudyDate, "20260102")) });
        EventStudy study = _study.Revise().Study;

        Assert.Equal("20260102", study.StudyDate);
        Assert.Contains(study.Attributes, element => element is { Group: "0010", Element: "0020", Value: "ID1" });
    }

    [Fact]
    public void Text_of_all_the_world_comes_out_as_it_is()
    {
        const string Name = "Müller^Änne=山田^太郎";
        _study.Store(_study.Arrival(1, "x") with { StudyAttributes = Samples.Dataset((DicomTag.PatientName, Name)) });

        Assert.Contains(_study.Revise().Study.Attributes, element => element.Value == Name);
    }

    private InstanceArrival Detailed(int instance)
    {
        InstanceArrival arrival = _study.Arrival(instance, "x");
        return arrival with
        {
            StudyAttributes = Samples.Dataset(
                (DicomTag.StudyInstanceUID, "1.2.3"), (DicomTag.PatientName, "Test^Data"), (DicomTag.PatientID, "")),
            SeriesAttributes = Samples.Dataset((DicomTag.SeriesNumber, "4"), (DicomTag.Modality, "MR")),
            Content = arrival.Content with
            {
                Attributes = Samples.Dataset((DicomTag.InstanceNumber, "17"), (DicomTag.ImageType, "ORIGINAL\\PRIMARY\\AXIAL"))
            },
        };
    }

    private string Render(InstanceArrival arrival, int index)
    {
        _study.Store(arrival);
        return Render(_study.Manifest.Events[index]);
    }

    /// <summary>The event of a revision contains the data of the revision; the store combines them.</summary>
    private string RenderLast() => Render(_study.Manifest.Events[^1] with { Data = _study.Manifest.Revisions[^1] });

    private static string Render(EventDraft content)
        => Encoding.UTF8.GetString(EventData.Render(
            new LoggedEvent(1, DateTimeOffset.UnixEpoch, Samples.Study, content), new FixedSpaces(StudyGrainFixture.Space)));
}

/// <summary>Every storage space is at the same place.</summary>
internal sealed class FixedSpaces(StorageSpace space) : IStorageSpaces
{
    public StorageSpace Find(ProviderName provider) => space;
}
