using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Search;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>A search finds every value that a study has, and no other study: characters, several values, lengths.</summary>
/// <remarks>Every test has a storage space of its own.</remarks>
public abstract class ManifestValuesConformance : ManifestConformance
{
    private const string Long = "0123456789abcdefghijklmnopqrstuvw";

    private readonly ProviderName _provider = new("values-" + Guid.NewGuid().ToString("N"));

    [Theory]
    [InlineData("Παπαδόπουλος^Μιχάλης", "ΠΑΠΑΔΌΠΟΥΛΟΣ^ΜΙΧΆΛΗΣ")]
    [InlineData("Παπαδόπουλος^Μιχάλης", "παπαδόπουλοσ*")]
    [InlineData("ΠΑΠΑΔΌΠΟΥΛΟΣ", "παπαδόπουλος")]
    [InlineData("Mu\u0308ller^Jo\u0308rg", "Müller^JÖRG")]
    [InlineData("Müller^Jörg", "mu\u0308ller^j?rg")]
    [InlineData("Strauß^Ida", "STRAUSS^*")]
    [InlineData("İnan^Işıl", "i\u0307nan^iŞıl")]
    [InlineData("김^철수", "\u1100\u1175\u11B7^철수")]
    public async Task A_name_is_found_however_its_characters_are_written(string name, string key)
    {
        await StoreAsync((0x0010_0010, DicomVR.PN, name), (0x0008_0090, DicomVR.PN, name));
        await StoreAsync((0x0010_0010, DicomVR.PN, "Other"));

        Assert.Equal(1, await CountAsync(SearchAttributes.PatientName, key));
        Assert.Equal(1, await CountAsync(SearchAttributes.ReferringPhysicianName, key));
    }

    [Theory]
    [InlineData("Παπαδόπουλος^Μιχάλης", "μιχαλησ ΠΑΠΑΔ")]
    [InlineData("Mu\u0308ller^Jörg", "jo\u0308rg muller")]
    [InlineData("Strauß", "strauss")]
    public async Task Words_of_a_name_are_found_however_they_are_written(string name, string key)
    {
        await StoreAsync((0x0010_0010, DicomVR.PN, name));

        Assert.Equal(1, await CountAsync(SearchAttributes.PatientName, key, isFuzzy: true));
    }

    [Theory]
    [InlineData("Universita\u0308t", "Universität")]
    [InlineData("Universität", "*ita\u0308t")]
    public async Task Text_is_composed_before_it_is_compared(string description, string key)
    {
        await StoreAsync((0x0008_1030, DicomVR.LO, description));

        Assert.Equal(1, await CountAsync(SearchAttributes.StudyDescription, key));
        Assert.Equal(0, await CountAsync(SearchAttributes.StudyDescription, key.ToUpperInvariant()));
    }

    [Theory]
    [InlineData("P1", 1)]
    [InlineData("P2", 1)]
    [InlineData("P[3]%_x", 1)]
    [InlineData("P\u00C9", 1)]
    [InlineData("P", 0)]
    [InlineData("P1\\P2", 1)]
    [InlineData("P9\\P8", 0)]
    [InlineData("P9\\P[3]%_x", 1)]
    [InlineData("*2", 1)]
    [InlineData("P?", 1)]
    [InlineData("?[3]*", 1)]
    [InlineData("P1*2", 0)]
    [InlineData("P??", 0)]
    public async Task Every_value_of_a_text_is_found(string key, int found)
    {
        (uint Tag, DicomVR VR, SearchAttribute Attribute)[] texts =
        [
            (0x0010_0020, DicomVR.LO, SearchAttributes.PatientID), (0x0008_0050, DicomVR.SH, SearchAttributes.AccessionNumber),
            (0x0008_1030, DicomVR.LO, SearchAttributes.StudyDescription), (0x0020_0010, DicomVR.SH, SearchAttributes.StudyID),
            (0x0010_0040, DicomVR.CS, SearchAttributes.PatientSex),
        ];
        await StoreAsync([.. texts.Select(text => (text.Tag, text.VR, "P1\\P2\\P[3]%_x\\PE\u0301"))]);
        await StoreAsync([.. texts.Select(text => (text.Tag, text.VR, "other"))]);

        foreach ((_, _, SearchAttribute attribute) in texts)
        {
            Assert.Equal(found, await CountAsync(attribute, key));
        }
    }

    [Theory]
    [InlineData("One^A", 1)]
    [InlineData("two^b*", 1)]
    [InlineData("one^b", 0)]
    [InlineData("one*b", 0)]
    public async Task Every_name_of_several_is_found(string key, int found)
    {
        await StoreAsync((0x0008_0090, DicomVR.PN, "One^A\\Two^B"));

        Assert.Equal(found, await CountAsync(SearchAttributes.ReferringPhysicianName, key));
        Assert.Equal(1, await CountAsync(SearchAttributes.ReferringPhysicianName, "two", isFuzzy: true));
    }

    [Theory]
    [InlineData(70)]
    [InlineData(90)]
    [InlineData(270)]
    [InlineData(3_000)]
    [InlineData(8_000)]
    public async Task Long_values_are_compared_to_their_ends(int length)
    {
        string common = string.Concat(Enumerable.Repeat(Long, (length / Long.Length) + 1))[..length];
        foreach (string end in (string[])["x", "y"])
        {
            await StoreAsync(
                (0x0010_0010, DicomVR.PN, common + end), (0x0010_0020, DicomVR.LO, common + end), (0x0008_1030, DicomVR.LO, common + end));
        }

        await StoreAsync((0x0010_0010, DicomVR.PN, common), (0x0010_0020, DicomVR.LO, common), (0x0008_1030, DicomVR.LO, common));
        foreach (SearchAttribute attribute in (SearchAttribute[])[
            SearchAttributes.PatientName,
            SearchAttributes.PatientID,
            SearchAttributes.StudyDescription
        ])
        {
            Assert.Equal(1, await CountAsync(attribute, common));
            Assert.Equal(1, await CountAsync(attribute, common + "x"));
            Assert.Equal(0, await CountAsync(attribute, common + "z"));
            Assert.Equal(1, await CountAsync(attribute, common[..60] + "*x"));
            Assert.Equal(1, await CountAsync(attribute, common + "y*"));
            Assert.Equal(2, await CountAsync(attribute, common + "?"));
            Assert.Equal(3, await CountAsync(attribute, common[..^1] + "*"));
        }
    }

    [Fact]
    public async Task Lists_of_any_length_are_searched()
    {
        SampleStudy[] studies = [await StoreAsync((0x0010_0020, DicomVR.LO, "A")), await StoreAsync((0x0010_0020, DicomVR.LO, "B\\C"))];
        string[] uids =
        [
            .. Enumerable.Range(0, 3_000).Select(_ => SampleStudy.NewUid()),
            .. studies.Select(study => study.Key.Study.Value)
        ];
        string[] ids = [.. Enumerable.Range(0, 3_000).Select(number => $"N{number}"), "A", "C"];

        Assert.Equal(2, (await SearchAsync(Request(new AttributeMatch.AnyOf(SearchAttributes.StudyInstanceUID, uids)))).Rows.Count);
        Assert.Equal(2, (await SearchAsync(Request(new AttributeMatch.AnyOf(SearchAttributes.PatientID, ids)))).Rows.Count);
        Assert.Equal(
            2, (await SearchAsync(Request(new AttributeMatch.AnyOf(SearchAttributes.ModalitiesInStudy, [.. ids, "CT"])))).Rows.Count);
        Assert.Equal(2, (await SearchAsync(
            Request(new AttributeMatch.AnyOf(SearchAttributes.SeriesNumber, ["7", "3"])) with { Level = SearchLevel.Series })).Rows.Count);
    }

    [Fact]
    public async Task A_patient_with_several_ids_is_one_patient()
    {
        await StoreAsync((0x0010_0020, DicomVR.LO, "A\\B"));
        SampleStudy newest = await StoreAsync((0x0010_0020, DicomVR.LO, "A\\B"));

        SearchPage page = await SearchAsync(
            Request(new AttributeMatch.AnyOf(SearchAttributes.PatientID, ["B"])) with { NewestOfPatient = true, WithPatientCounts = true });

        SearchRow row = Assert.Single(page.Rows);
        Assert.Equal((newest.Key.Study, 2), (row.Study, row.Patient!.Studies));
    }

    /// <summary>A key without wildcards is a list of its values.</summary>
    private async Task<int> CountAsync(SearchAttribute attribute, string key, bool isFuzzy = false)
    {
        AttributeMatch match = key.AsSpan().ContainsAny('*', '?')
            ? new AttributeMatch.Wildcard(attribute, key)
            : new AttributeMatch.AnyOf(attribute, key.Split('\\'));
        return (await SearchAsync(Request(match) with { FuzzyMatching = isFuzzy })).Rows.Count;
    }

    private SearchRequest Request(AttributeMatch match)
        => new() { Provider = _provider, Level = SearchLevel.Study, Limit = 100, Matches = [match] };

    private async Task<SampleStudy> StoreAsync(params (uint Tag, DicomVR VR, string Value)[] attributes)
    {
        SampleStudy study = new(new SampleStudy().Key with { Provider = _provider }) { Attributes = SampleStudy.Text(attributes) };
        await SaveAsync(study, study.Store(SampleStudy.Instance(study.Series("CT", SampleStudy.Text((0x0020_0011, DicomVR.IS, "7"))))));
        return study;
    }
}
