using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>How searches match, at every level (PS3.4 C.2.2.2).</summary>
/// <remarks>Every test has a storage space of its own.</remarks>
public abstract class ManifestSearchConformance : ManifestConformance
{
    private readonly ProviderName _provider = new("search-" + Guid.NewGuid().ToString("N"));

    [Theory]
    [InlineData("SMITH^JOHN", true)]
    [InlineData("Smith^John^^^", true)]
    [InlineData("スミス^ジョン", true)]
    [InlineData("Smith", false)]
    [InlineData("Smith^Joh", false)]
    public async Task A_name_equals_one_of_its_component_groups_without_case(string key, bool found)
        => await AssertStudyAsync(
            found,
            SampleStudy.Text((0x0010_0010, DicomVR.PN, "Smith^John^^=山田^太郎=スミス^ジョン")),
            new AttributeMatch.AnyOf(SearchAttributes.PatientName, [key]));

    [Theory]
    [InlineData("smi*", true)]
    [InlineData("*JOHN*", true)]
    [InlineData("Smith^*", true)]
    [InlineData("sm?th^john", true)]
    [InlineData("s*^j*n", true)]
    [InlineData("山*", true)]
    [InlineData("*", true)]
    [InlineData("john*", false)]
    [InlineData("smith?*太郎", false)]
    [InlineData("s*太郎", false)]
    [InlineData("smith^john?", false)]
    [InlineData("[s]mith^john", false)]
    public async Task A_name_matches_a_wildcard_in_one_component_group(string pattern, bool found)
        => await AssertStudyAsync(
            found,
            SampleStudy.Text((0x0010_0010, DicomVR.PN, "Smith^John=山田^太郎")),
            new AttributeMatch.Wildcard(SearchAttributes.PatientName, pattern));

    [Theory]
    [InlineData("muller jo", true)]
    [InlineData("Jörg Müll", true)]
    [InlineData("*ülle*", true)]
    [InlineData("hans", true)]
    [InlineData("uller", false)]
    [InlineData("muller anna", false)]
    public async Task Fuzzy_matching_takes_every_word_of_the_key_as_the_beginning_of_a_word(string key, bool found)
    {
        AttributeMatch match = key.Contains('*', StringComparison.Ordinal)
            ? new AttributeMatch.Wildcard(SearchAttributes.PatientName, key)
            : new AttributeMatch.AnyOf(SearchAttributes.PatientName, [key]);
        await StoreAsync(SampleStudy.Text((0x0010_0010, DicomVR.PN, "Müller^Jörg Hans")));

        SearchPage page = await SearchAsync(Request(SearchLevel.Study, match) with { FuzzyMatching = true });

        Assert.Equal(found ? 1 : 0, page.Rows.Count);
    }

    [Fact]
    public async Task A_name_that_ends_with_the_family_name_matches_any_given_name()
        => await AssertStudyAsync(
            true,
            SampleStudy.Text((0x0010_0010, DicomVR.PN, "Smith^^")),
            new AttributeMatch.Wildcard(SearchAttributes.PatientName, "Smith^*"));

    [Theory]
    [InlineData("A*[1]?", true)]
    [InlineData("a*", false)]
    [InlineData("A-[1]*", true)]
    [InlineData("*", true)]
    [InlineData("A-1*", false)]
    public async Task Text_matches_a_wildcard_with_its_case(string pattern, bool found)
        => await AssertStudyAsync(
            found,
            SampleStudy.Text((0x0008_0050, DicomVR.SH, "A-[1]x")),
            new AttributeMatch.Wildcard(SearchAttributes.AccessionNumber, pattern));

    [Fact]
    public async Task Text_that_looks_like_SQL_is_only_text()
    {
        await StoreAsync(SampleStudy.Text((0x0010_0020, DicomVR.LO, "' OR 1=1 --")));
        await StoreAsync(SampleStudy.Text((0x0010_0020, DicomVR.LO, "x")));

        Assert.Single(
            (await SearchAsync(Request(SearchLevel.Study, new AttributeMatch.AnyOf(SearchAttributes.PatientID, ["' OR 1=1 --"])))).Rows);
        Assert.Empty((await SearchAsync(
            Request(SearchLevel.Study, new AttributeMatch.Wildcard(SearchAttributes.PatientID, "'; DROP TABLE study; --*")))).Rows);
    }

    [Theory]
    [InlineData("20240101", "20240131", true)]
    [InlineData("20240131", null, true)]
    [InlineData(null, "20240131", true)]
    [InlineData("20240201", null, false)]
    [InlineData(null, "20240130", false)]
    [InlineData("2024.01.31", "2024.01.31", true)]
    public async Task A_date_range_includes_its_ends(string? from, string? to, bool found)
        => await AssertStudyAsync(
            found, SampleStudy.Text((0x0008_0020, DicomVR.DA, "20240131")), new AttributeMatch.Range(SearchAttributes.StudyDate, from, to));

    [Theory]
    [InlineData("120000.000000", "130000.000000", true)]
    [InlineData("1230", "1230", true)]
    [InlineData("230000.000000", "010000.000000", false)]
    [InlineData("230000.000000", "123000.000000", true)]
    [InlineData("123001.000000", null, false)]
    public async Task A_time_range_may_cross_midnight(string? from, string? to, bool found)
        => await AssertStudyAsync(
            found, SampleStudy.Text((0x0008_0030, DicomVR.TM, "1230")), new AttributeMatch.Range(SearchAttributes.StudyTime, from, to));

    [Theory]
    [InlineData("20240130180000.000000", "20240131090000.000000", true)]
    [InlineData("20240131090001", "20240201080000", false)]
    [InlineData(null, "20240131085959.999999", false)]
    [InlineData("20240131", "20240131", true)]
    public async Task A_date_range_and_a_time_range_are_one_range_of_moments(string? from, string? to, bool found)
        => await AssertStudyAsync(
            found,
            SampleStudy.Text((0x0008_0020, DicomVR.DA, "20240131"), (0x0008_0030, DicomVR.TM, "090000")),
            new AttributeMatch.DateTimeRange(SearchAttributes.StudyDate, SearchAttributes.StudyTime, from, to));

    [Theory]
    [InlineData("CT", true)]
    [InlineData("PT", true)]
    [InlineData("C", false)]
    [InlineData("MR", false)]
    public async Task Modalities_of_the_study_are_those_of_its_series(string modality, bool found)
    {
        SampleStudy study = NewStudy();
        SeriesInstanceUid ct = study.Series("CT");
        SeriesInstanceUid pt = study.Series("PT");
        await SaveAsync(study, study.Store(SampleStudy.Instance(ct), SampleStudy.Instance(pt)));

        SearchPage page =
            await SearchAsync(Request(SearchLevel.Study, new AttributeMatch.AnyOf(SearchAttributes.ModalitiesInStudy, [modality])));

        Assert.Equal(found ? 1 : 0, page.Rows.Count);
        Assert.All(page.Rows, row => Assert.Equal(["CT", "PT"], row.Modalities));
        Assert.All(page.Rows, row => Assert.Equal((2, 2), (row.StudySeriesCount, row.StudyInstanceCount)));
    }

    [Fact]
    public async Task A_wildcard_does_not_reach_from_one_value_into_the_next()
    {
        SampleStudy study = NewStudy();
        SeriesInstanceUid series = study.Series("CR\\XA\\MR");
        await SaveAsync(study, study.Store(SampleStudy.Instance(series)));

        Assert.Empty(
            (await SearchAsync(Request(SearchLevel.Study, new AttributeMatch.Wildcard(SearchAttributes.ModalitiesInStudy, "C*A")))).Rows);
        Assert.Single(
            (await SearchAsync(Request(SearchLevel.Study, new AttributeMatch.Wildcard(SearchAttributes.ModalitiesInStudy, "*R")))).Rows);
        Assert.Single((await SearchAsync(Request(SearchLevel.Series, new AttributeMatch.Wildcard(SearchAttributes.Modality, "X?")))).Rows);
    }

    [Fact]
    public async Task Every_key_of_a_study_finds_it_and_only_it()
        => await AssertKeysAsync(
            SearchLevel.Study,
            SampleStudy.Text(
                (0x0008_0020, DicomVR.DA, "20240131"),
                (0x0008_0030, DicomVR.TM, "12"),
                (0x0008_0050, DicomVR.SH, "ACC1"),
                (0x0008_0090, DicomVR.PN, "Ref^Doc"),
                (0x0008_1030, DicomVR.LO, "Head"),
                (0x0010_0010, DicomVR.PN, "Pat^One"),
                (0x0010_0020, DicomVR.LO, "PID1"),
                (0x0010_0030, DicomVR.DA, "19700101"),
                (0x0010_0040, DicomVR.CS, "F"), (0x0020_0010, DicomVR.SH, "SID1")),
            SampleStudy.Text((0x0008_0060, DicomVR.CS, "CT")),
            new()
            {
                [SearchAttributes.StudyDate] = "20240131", [SearchAttributes.StudyTime] = "120000.000000",
                [SearchAttributes.AccessionNumber] = "ACC1",
                [SearchAttributes.ReferringPhysicianName] = "ref^doc", [SearchAttributes.StudyDescription] = "Head",
                [SearchAttributes.PatientName] = "PAT^ONE",
                [SearchAttributes.PatientID] = "PID1", [SearchAttributes.PatientBirthDate] = "19700101",
                [SearchAttributes.PatientSex] = "F",
                [SearchAttributes.StudyID] = "SID1", [SearchAttributes.ModalitiesInStudy] = "CT",
            });

    [Fact]
    public async Task Every_key_of_a_series_finds_it_and_only_it()
    {
        DicomDataset series = SampleStudy.Text(
            (0x0008_0060, DicomVR.CS, "CT"),
            (0x0008_103E, DicomVR.LO, "Axial"),
            (0x0018_0015, DicomVR.CS, "HEAD"),
            (0x0020_0011, DicomVR.IS, "+3"),
            (0x0040_0244, DicomVR.DA, "20240131"), (0x0040_0245, DicomVR.TM, "1230"));
        series.Set(new DicomElement(
            DicomTag.FromValue(0x0040_0275),
            [
                SampleStudy.Text((0x0040_0009, DicomVR.SH, "STEP1"), (0x0040_1001, DicomVR.SH, "REQ1")),
                SampleStudy.Text((0x0040_0009, DicomVR.SH, "STEP2"), (0x0040_1001, DicomVR.SH, "REQ2")),
            ]));

        await AssertKeysAsync(
            SearchLevel.Series,
            SampleStudy.Text((0x0010_0020, DicomVR.LO, "P")),
            series,
            new()
            {
                [SearchAttributes.Modality] = "CT", [SearchAttributes.SeriesDescription] = "Axial",
                [SearchAttributes.BodyPartExamined] = "HEAD",
                [SearchAttributes.SeriesNumber] = "3", [SearchAttributes.PerformedProcedureStepStartDate] = "20240131",
                [SearchAttributes.PerformedProcedureStepStartTime] = "123000.000000", [SearchAttributes.ScheduledProcedureStepID] = "STEP2",
                [SearchAttributes.RequestedProcedureID] = "REQ2",
            });
    }

    [Fact]
    public async Task Every_key_of_an_instance_finds_it_and_only_it()
    {
        SampleStudy study = NewStudy();
        SeriesInstanceUid series = study.Series();
        InstanceChange instance = SampleStudy.Instance(series, 12, sopClass: "1.2.3.4");
        await SaveAsync(study, study.Store(SampleStudy.Instance(series, 11), instance, SampleStudy.Instance(series)));

        foreach ((SearchAttribute attribute, string value) in new[]
        {
            (SearchAttributes.SOPClassUID,
                "1.2.3.4"), (SearchAttributes.InstanceNumber, "0012"), (SearchAttributes.SOPInstanceUID, instance.State.Id.Sop.Value),
        })
        {
            SearchRow row = Assert.Single(
                (await SearchAsync(Request(SearchLevel.Instance, new AttributeMatch.AnyOf(attribute, [value])))).Rows);
            Assert.Equal(instance.State, row.Instance);
            Assert.Equal((study.Key.Study, series, 3), (row.Study, row.Series, row.SeriesInstanceCount));
            Assert.NotNull(row.InstanceAttributes);
            Assert.NotNull(row.SeriesAttributes);
        }
    }

    [Fact]
    public async Task Keys_of_the_levels_above_narrow_a_search_and_UID_lists_name_several()
    {
        SampleStudy first = await StoreAsync(SampleStudy.Text((0x0010_0020, DicomVR.LO, "P1")));
        SampleStudy second = await StoreAsync(SampleStudy.Text((0x0010_0020, DicomVR.LO, "P2")));
        await StoreAsync(SampleStudy.Text((0x0010_0020, DicomVR.LO, "P3")));
        AttributeMatch.AnyOf patient = new(SearchAttributes.PatientID, ["P1"]);
        AttributeMatch.AnyOf studies = new(SearchAttributes.StudyInstanceUID, [first.Key.Study.Value, second.Key.Study.Value]);

        Assert.Equal(first.Key.Study, Assert.Single((await SearchAsync(Request(SearchLevel.Series, patient))).Rows).Study);
        Assert.Equal(first.Key.Study, Assert.Single((await SearchAsync(Request(SearchLevel.Instance, patient))).Rows).Study);
        Assert.Equal(
            [second.Key.Study, first.Key.Study], (await SearchAsync(Request(SearchLevel.Study, studies))).Rows.Select(row => row.Study));
        Assert.Equal(first.Key.Study, Assert.Single((await SearchAsync(Request(SearchLevel.Instance, studies, patient))).Rows).Study);
    }

    [Fact]
    public async Task A_value_that_is_none_of_its_kind_matches_nothing()
    {
        await StoreAsync(SampleStudy.Text((0x0008_0020, DicomVR.DA, "yesterday")));

        Assert.Empty(
            (await SearchAsync(Request(SearchLevel.Study, new AttributeMatch.AnyOf(SearchAttributes.StudyDate, ["yesterday"])))).Rows);
        Assert.Empty(
            (await SearchAsync(Request(SearchLevel.Study, new AttributeMatch.Range(SearchAttributes.StudyDate, "yesterday", null)))).Rows);
        Assert.Empty(
            (await SearchAsync(Request(SearchLevel.Instance, new AttributeMatch.AnyOf(SearchAttributes.InstanceNumber, ["one"])))).Rows);
    }

    private async Task AssertStudyAsync(bool found, DicomDataset attributes, AttributeMatch match)
    {
        SampleStudy study = await StoreAsync(attributes);
        await StoreAsync(SampleStudy.Text((0x0008_1030, DicomVR.LO, "has none of the keys")));

        SearchPage page = await SearchAsync(Request(SearchLevel.Study, match));

        Assert.Equal(found, page.Rows.Any(row => row.Study == study.Key.Study));
        Assert.False(page.HasMore);
    }

    private async Task AssertKeysAsync(
        SearchLevel level, DicomDataset studyAttributes, DicomDataset seriesAttributes, Dictionary<SearchAttribute, string> keys)
    {
        SampleStudy study = await StoreAsync(studyAttributes, seriesAttributes);
        SampleStudy other = NewStudy();
        await SaveAsync(other, other.Store(SampleStudy.Instance(other.Series("MR", SampleStudy.Text((0x0008_0060, DicomVR.CS, "MR"))))));

        SearchAttribute[] expected =
        [
            .. SearchAttributes.All.Where(attribute => attribute.Level == level && attribute.Kind != SearchAttributeKind.Uid)
        ];
        Assert.Equal(
            expected.Select(attribute => attribute.Column).Order(StringComparer.Ordinal),
            keys.Keys.Select(attribute => attribute.Column).Order(StringComparer.Ordinal));
        foreach ((SearchAttribute attribute, string value) in keys)
        {
            SearchPage page = await SearchAsync(Request(level, new AttributeMatch.AnyOf(attribute, [value])));
            Assert.True(page.Rows.Count == 1 && page.Rows[0].Study == study.Key.Study, attribute.Column);
            Assert.Empty((await SearchAsync(Request(level, new AttributeMatch.AnyOf(attribute, ["0"])))).Rows);
        }
    }

    private SampleStudy NewStudy() => new(new SampleStudy().Key with { Provider = _provider });

    private async Task<SampleStudy> StoreAsync(DicomDataset attributes, DicomDataset? seriesAttributes = null)
    {
        SampleStudy study = NewStudy();
        study.Attributes = attributes;
        await SaveAsync(study, study.Store(SampleStudy.Instance(study.Series("CT", seriesAttributes))));
        return study;
    }

    private SearchRequest Request(SearchLevel level, params AttributeMatch[] matches)
        => new() { Provider = _provider, Level = level, Limit = 100, Matches = matches };
}
