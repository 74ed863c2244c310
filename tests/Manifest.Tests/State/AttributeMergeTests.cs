using FsCheck;
using FsCheck.Fluent;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Tests.Study;

namespace ImagingIngestion.Manifest.Tests.State;

public sealed class AttributeMergeTests
{
    private static readonly DicomTag[] Tags =
    [
        DicomTag.StudyDate, DicomTag.AccessionNumber, DicomTag.PatientName, DicomTag.PatientID, DicomTag.StudyID
    ];
    private static readonly string[] Values = ["", "  ", "A", "B", @"A\B", "Ärger"];

    private static readonly Gen<DicomDataset> Datasets = Gen.ArrayOf(Gen.Choose(-1, Values.Length - 1), Tags.Length)
        .Select(choice => Samples.Dataset(
            [.. Tags.Zip(choice).Where(pair => pair.Second >= 0).Select(pair => (pair.First, Values[pair.Second]))]));

    [Fact]
    public void The_newest_value_that_is_not_empty_wins_with_all_its_values()
        => ForAllLists(datasets =>
        {
            DicomDataset merged = MergeAll(datasets);
            Assert.All(Tags, tag =>
            {
                string[] seen = [.. datasets.Select(dataset => Samples.Text(dataset, tag)).OfType<string>()];
                string? due = seen.LastOrDefault(value => value.Length > 0) ?? seen.FirstOrDefault();
                Assert.Equal(due, Samples.Text(merged, tag));
            });
        });

    [Fact]
    public void Merging_what_changes_nothing_gives_the_same_object()
        => ForAllLists(datasets =>
        {
            DicomDataset merged = MergeAll(datasets);
            Assert.Same(merged, AttributeMerge.Merge(merged, merged));
            Assert.Same(
                merged,
                AttributeMerge.Merge(merged, Samples.Dataset([.. Tags.Where(tag => merged.TryGet(tag, out _)).Select(tag => (tag, ""))])));
            if (datasets.Length > 0)
            {
                Assert.Same(merged, AttributeMerge.Merge(merged, datasets[^1]));
            }
        });

    [Fact]
    public void Merging_changes_neither_of_its_data_sets()
        => ForAllLists(datasets =>
        {
            string[] before = [.. datasets.Select(Describe)];
            MergeAll(datasets);
            Assert.Equal(before, datasets.Select(Describe));
        });

    [Fact]
    public void Items_win_as_a_whole()
    {
        DicomDataset older = WithItems("1", "2");
        DicomDataset newer = WithItems("3");

        Assert.Single(Items(AttributeMerge.Merge(older, newer)));
        Assert.Equal(2, Items(AttributeMerge.Merge(newer, older)).Count);
        Assert.Equal(2, Items(AttributeMerge.Merge(older, WithItems())).Count);
        Assert.Same(older, AttributeMerge.Merge(older, WithItems("1", "2")));
    }

    [Fact]
    public void A_study_and_its_series_keep_their_attributes_by_the_rule()
    {
        StudyGrainFixture study = new();
        study.Store(study.Arrival(1, "x") with { StudyAttributes = Samples.Dataset((DicomTag.PatientID, ""), (DicomTag.StudyID, "7")) });
        study.Store(study.Arrival(2, "x") with
        {
            StudyAttributes = Samples.Dataset((DicomTag.PatientID, @"P1\P2"), (DicomTag.StudyID, "")),
            SeriesAttributes = Samples.Dataset((DicomTag.Modality, @"PT\CT")),
        });

        Assert.Equal(@"P1\P2", Samples.Text(study.Manifest.Study!.Attributes, DicomTag.PatientID));
        Assert.Equal("7", Samples.Text(study.Manifest.Study.Attributes, DicomTag.StudyID));
        Assert.Equal(["PT", "CT"], study.Manifest.Study.Series[0].Modalities);
        Assert.Equal(["CT", "PT"], study.Manifest.Study.Modalities);
    }

    private static void ForAllLists(Action<DicomDataset[]> property)
        => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Gen.ArrayOf(Datasets).ToArbitrary(), datasets =>
        {
            property(datasets);
            return true;
        }));

    private static DicomDataset MergeAll(DicomDataset[] datasets) => datasets.Aggregate(Samples.Dataset(), AttributeMerge.Merge);

    private static string Describe(DicomDataset dataset)
        => string.Join('|', dataset.Elements.Select(element => $"{element} {Convert.ToHexString(element.Value.Span)}"));

    private static IReadOnlyList<DicomDataset> Items(DicomDataset dataset)
        => dataset.TryGet(DicomTag.RequestAttributesSequence, out DicomElement? element) ? element.Items! : [];

    private static DicomDataset WithItems(params string[] ids)
    {
        DicomDataset dataset = Samples.Dataset();
        dataset.TryAdd(new DicomElement(
            DicomTag.RequestAttributesSequence, [.. ids.Select(id => Samples.Dataset((DicomTag.ScheduledProcedureStepID, id)))]));
        return dataset;
    }
}
